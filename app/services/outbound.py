"""What the service asks of another server: one answer of bounded size, within bounded time, from where it was told to.

Beside mail, this is the only way out. No redirect is followed, and no proxy or password is taken from the environment.
"""

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import BoundedSemaphore, Timer
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

SECONDS = 8.0
"""The longest that one answer may take, from the first packet to the last."""
PATIENCE = 3.0
"""The longest silence within that."""
LARGEST = 256 * 1024
"""Octets of an answer."""
AT_ONCE = 2
"""A server that keeps us waiting keeps no more of our threads than that."""

LOOPBACK = {"localhost", "127.0.0.1", "::1"}

_FREE = BoundedSemaphore(AT_ONCE)


class OutboundError(Exception):
    """No answer that could be used. The word says why, for our own log."""


def origin_of(address: str) -> str | None:
    """Scheme, host and port; None for what is no plain http or https address."""
    try:
        parts = urlsplit(address)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return None
    if not parts.hostname or port is None or parts.username is not None or parts.password is not None:
        return None
    return f"{parts.scheme}://{parts.hostname}:{port}"


def is_loopback(address: str) -> bool:
    """Whether the address is on this very machine."""
    return urlsplit(address).hostname in LOOPBACK


def ask_json(
    session: requests.Session,
    method: str,
    address: str,
    *,
    origins: frozenset[str],
    **more: Any,  # noqa: ANN401
) -> dict[str, Any]:
    """The JSON object that the server answers with. Raises OutboundError for anything else."""
    if origin_of(address) not in origins:
        raise OutboundError("elsewhere")
    with _a_turn(), _deadline(session):
        content = _content(session, method, address, more)
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise OutboundError("garbage") from error
    if not isinstance(answer, dict):
        raise OutboundError("garbage")
    return answer


def _content(session: requests.Session, method: str, address: str, more: Mapping[str, Any]) -> bytes:
    # Packed answers are not asked for, so that the size that comes is the size that is read.
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    timeout = (PATIENCE, PATIENCE)
    try:
        with session.request(
            method, address, headers=headers, timeout=timeout, stream=True, allow_redirects=False, **more
        ) as answer:
            if answer.status_code != requests.codes.ok:
                raise OutboundError("status")
            content: bytes = answer.raw.read(LARGEST + 1)
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise OutboundError("unreachable") from error
    if len(content) > LARGEST:
        raise OutboundError("too_large")
    return content


@contextmanager
def _a_turn() -> Iterator[None]:
    if not _FREE.acquire(timeout=PATIENCE):
        raise OutboundError("busy")
    try:
        yield
    finally:
        _FREE.release()


@contextmanager
def _deadline(session: requests.Session) -> Iterator[None]:
    """Hang up when the time is over: a timeout of the library's starts anew with every octet that drips in."""
    session.trust_env = False
    session.cookies.clear()
    wires = _Wires()
    session.mount("https://", wires)
    session.mount("http://", wires)
    alarm = Timer(SECONDS, wires.cut)
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()
        session.close()
        wires.put_away()


class _Wires(HTTPAdapter):
    """Remembers the connections that it opens."""

    def init_poolmanager(self, *args: Any, **more: Any) -> None:  # noqa: ANN401 - the library's own
        """Open connections of a kind that we can cut from another thread."""
        self._ends: list[socket.socket] = []
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool(HTTPConnectionPool, HTTPConnection, self._ends),
            "https": _pool(HTTPSConnectionPool, HTTPSConnection, self._ends),
        }

    def cut(self) -> None:
        """End every connection; whoever waits for it gets an error."""
        for end in self._ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:  # it has ended by itself
                continue

    def put_away(self) -> None:
        """Let go of the connections."""
        for end in self._ends:
            end.close()
        self._ends.clear()


def _pool(pool: Any, connection: Any, ends: list[socket.socket]) -> Any:  # noqa: ANN401 - classes made to measure
    class Remembered(connection):  # type: ignore[misc]  # either of two
        def _new_conn(self) -> socket.socket:
            made: socket.socket = super()._new_conn()
            ends.append(made.dup())  # encryption takes the socket itself over
            return made

    class Pool(pool):  # type: ignore[misc]  # the same
        ConnectionCls = Remembered

    return Pool
