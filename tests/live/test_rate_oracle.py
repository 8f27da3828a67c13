# SPDX-License-Identifier: Apache-2.0
"""The rate that retry_mode=adaptive sets, against botocore's, over generated answers."""

import random

from botocore.retries.adaptive import ClientRateLimiter, RateClocker
from botocore.retries.bucket import TokenBucket
from botocore.retries.throttling import CubicCalculator
from driver import ask


class Clock:
    """A clock that a test turns."""

    def __init__(self, now):
        self.now = now

    def current_time(self):
        return self.now


class Detector:
    """The answer says itself whether it throttles."""

    @staticmethod
    def is_throttling_error(throttled):
        return throttled


def theirs(start, answers):
    clock = Clock(start)
    bucket = TokenBucket(max_rate=1, clock=clock)
    adjustor = CubicCalculator(starting_max_rate=0, start_time=start)
    limiter = ClientRateLimiter(adjustor, RateClocker(clock), bucket, Detector, clock)
    rates = []
    for now, throttled in answers:
        clock.now = now
        limiter.on_receiving_response(throttled=throttled)
        rates.append([bucket.max_rate, bucket.max_capacity])
    return rates


def make_case(rng):
    start = now = rng.uniform(0, 2_000_000_000)
    answers = []
    for _ in range(rng.randrange(1, 400)):
        now += rng.choice([0, 0.001, 0.01, 0.05, 0.3, rng.expovariate(2)])
        answers.append([now, rng.random() < rng.choice([0, 0.02, 0.5])])
    return {"start": start, "answers": answers}


def near(ours, theirs):
    return abs(ours - theirs) <= 1e-6 * max(1, abs(theirs))


def test_adaptive_rates_are_botocores():
    rng = random.Random(7)
    cases = [make_case(rng) for _ in range(300)]
    for case, answer in zip(cases, ask("rate", cases)):
        for ours, expected in zip(answer["rates"], theirs(**case), strict=True):
            assert near(ours[0], expected[0]) and near(ours[1], expected[1]), case
