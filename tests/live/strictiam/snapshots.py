# SPDX-License-Identifier: Apache-2.0
"""The account put aside and brought back: for tests that want the same start many times, and for what was true then."""

import io
import pickle

from . import backend, principals, quotas, recreated

_kept = {}


class _Pickler(pickle.Pickler):
    """Parts of the account that know the whole of it name it only."""

    def persistent_id(self, obj):
        """Itself, in a word."""
        return "account" if obj is backend.present() else None


class _Unpickler(pickle.Unpickler):
    """They get to know the account that they are put into."""

    def __init__(self, data, account):
        super().__init__(io.BytesIO(data))
        self.account = account

    def persistent_load(self, pid):
        """There is only that word."""
        return self.account


def _frozen(things):
    out = io.BytesIO()
    _Pickler(out, pickle.HIGHEST_PROTOCOL).dump(things)
    return out.getvalue()


def frozen():
    """The account alone, as bytes."""
    return _frozen(backend.present().__dict__)


def thawed(data):
    """An account of its own, made from the bytes."""
    made = object.__new__(type(backend.present()))
    made.__dict__.update(_Unpickler(data, made).load())
    return made


def save(name):
    """Put everything aside that a request could have changed: account, sessions, quotas, names that rest."""
    _kept[name] = _frozen([backend.present().__dict__, principals.saved(), quotas.limits, recreated.saved()])


def restore(name):
    """As it was when it was put aside; it stays there."""
    account, sessions, limits, rest = _Unpickler(_kept[name], backend.present()).load()
    backend.replace(account)
    principals.restore(sessions)
    quotas.set_limits(limits)
    recreated.restore(rest)


def forget():
    """Nothing is put aside any more."""
    _kept.clear()
