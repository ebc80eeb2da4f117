"""Whose data a transaction is about. There is no default: without a scope nothing of any clinic is to be had."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum, auto


class Wide(Enum):
    """Scopes that are no clinic."""

    INSTALLATION = auto()
    """All clinics: for the command line of whoever looks after the service."""
    SIGN_IN = auto()
    """No clinic yet: only what leads from an address or a token to a clinic."""


Scope = str | Wide
"""The id of a clinic, or one of ``Wide``."""

INSTALLATION, SIGN_IN = Wide.INSTALLATION, Wide.SIGN_IN

_scope: ContextVar[Scope | None] = ContextVar("holdwell_scope", default=None)


class NoClinicError(RuntimeError):
    """A fault of ours: data was asked for without saying whose, or another clinic's was about to be touched."""


def current() -> Scope | None:
    """The scope of the transaction that is open here; None between transactions."""
    return _scope.get()


@contextmanager
def entered(scope: Scope) -> Iterator[None]:
    """Work in ``scope`` until the end of the block."""
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)
