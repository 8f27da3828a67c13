# SPDX-License-Identifier: Apache-2.0
"""Our endpoint table against botocore's own rules, for every Region it knows and generated ones."""

import itertools
import random

import pytest
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError
from botocore.loaders import Loader
from botocore.utils import validate_region_name
from driver import ask

LOADER = Loader()
PARTITIONS = LOADER.load_data("partitions")
SERVICES = ("iam", "sts", "cloudtrail", "sso", "sso-oidc")
PROVIDERS = {
    name: EndpointProvider(LOADER.load_service_model(name, "endpoint-rule-set-1"), PARTITIONS)
    for name in SERVICES
}
BOTH = (False, True)


def known_regions():
    return sorted(r for p in PARTITIONS["partitions"] for r in p["regions"])


def generated_regions(rng, count):
    words = ["us", "eu", "ap", "cn", "us-gov", "us-iso", "us-isob", "us-isof", "eu-isoe", "eusc-de"]
    words += ["mx", "il", "xx", "eusc", "us-isox", "gov", "aws", "global", "c", "usa"]
    for _ in range(count):
        parts = [rng.choice(words)]
        for _ in range(rng.randrange(4)):
            parts.append(rng.choice(["east", "west", "north1", "global", "1", "22", "0", "a1", ""]))
        yield "-".join(parts)


def theirs(service, region, fips, dualstack, url=None):
    given = {"UseFIPS": fips, "UseDualStack": dualstack, "Region": region}
    if url:
        given["Endpoint"] = url
    if service == "sts":
        given["UseGlobalEndpoint"] = False
    return PROVIDERS[service].resolve_endpoint(**given)


def is_valid(region):
    try:
        validate_region_name(region)
    except ValueError:
        return False
    return True


def question(service, region, fips, dualstack, url=None):
    return {
        "service": service,
        "region": region,
        "fips": fips,
        "dualstack": dualstack,
        "url": url,
    }


def pseudo(region):
    return region.endswith("-global") and region in known_regions()


def compare(regions):
    questions = [question(*row) for row in itertools.product(SERVICES, regions, BOTH, BOTH)]
    compared = 0
    for q, ours in zip(questions, ask("endpoint", questions)):
        if not is_valid(q["region"]):
            assert ours["error"]["code"] == "input", q
            continue
        # For a pseudo-Region all but IAM's rules make names that do not exist; see regional_host().
        if q["service"] != "iam" and pseudo(q["region"]):
            if q["service"] != "sts" or q["region"] != "aws-global" or q["fips"] or q["dualstack"]:
                assert "-global" not in ours["host"] + ours["signing_region"], q
                continue
        want = theirs(q["service"], q["region"], q["fips"], q["dualstack"])
        schemes = want.properties.get("authSchemes") or [{}]
        assert ours["url"] == want.url + "/", q
        assert ours["host"] == want.url.removeprefix("https://"), q
        assert ours["path"] == "/" and ours["custom"] is False, q
        assert ours["signing_region"] == schemes[0].get("signingRegion", q["region"]), q
        partition = PROVIDERS["iam"].ruleset.rule_lib.aws_partition(q["region"])
        assert ours["partition"] == partition["name"], q
        compared += 1
    return compared


def test_known_regions():
    assert compare(known_regions()) > 300


def test_generated_regions():
    regions = sorted(set(generated_regions(random.Random(5), 1500)))
    assert compare(regions) > 2000


def test_without_region_is_global():
    for service in SERVICES:
        questions = [question(service, r, False, False) for r in (None, "aws-global")]
        none, named = ask("endpoint", questions)
        assert none == named
        assert none["signing_region"] == "us-east-1"


@pytest.mark.parametrize("service", SERVICES)
def test_custom_url(service):
    """It replaces the host and keeps the Region; FIPS and dual-stack are refused by both."""
    url = "https://proxy.example.org:8443/aws"
    rows = list(itertools.product(known_regions(), BOTH, BOTH))
    questions = [question(service, r, f, d, url) for r, f, d in rows]
    plain = ask("endpoint", [question(service, r, False, False) for r, _, _ in rows])
    for q, ours, without in zip(questions, ask("endpoint", questions), plain):
        if q["fips"] or q["dualstack"]:
            assert ours["error"]["code"] == "usage", q
            with pytest.raises(EndpointProviderError):
                theirs(service, q["region"], q["fips"], q["dualstack"], url)
            continue
        assert theirs(service, q["region"], False, False, url).url == ours["url"] == url
        assert ours["host"] == "proxy.example.org:8443" and ours["path"] == "/aws"
        assert ours["custom"] is True
        assert ours["signing_region"] == without["signing_region"]
