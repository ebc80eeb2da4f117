"""What the service asks of another server: one answer of bounded size, within bounded time, from where it was told to.

Beside mail, this is the only way out. No redirect is followed, and no proxy or password is taken from the environment.
A connection goes to an address that ``app.services.addresses`` has looked at, and to no other.
"""

import json
import socket
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Condition, Timer
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.util.connection import create_connection

from app.services import addresses
from app.services.addresses import InwardError

SECONDS = 8.0
"""The longest that one answer may take, from the first packet to the last."""
PATIENCE = 3.0
"""The longest silence within that."""
LARGEST = 256 * 1024
"""Octets of an answer."""
AT_ONCE, SHARE = 5, 2
"""Requests that go on at once, in all and to one server: one that keeps us waiting holds up nobody but its own."""
MOST_TRIED = 2
"""Of a server's addresses: one of each kind, as a rule."""
IN_LINE, LONGEST_IN_LINE = 2, 1.0
"""How many wait for one server beyond its share, and the seconds that anybody waits for a turn: each holds a thread."""


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
    with _turns.taken(origin_of(address) or ""), _deadline(session):
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
    except InwardError as error:
        raise OutboundError("inward") from error
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise OutboundError("unreachable") from error
    if len(content) > LARGEST:
        raise OutboundError("too_large")
    return content


class Turns:
    """Who may ask now: so many in all, and of these so many of one server."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._asking: Counter[str] = Counter()
        self._in_line: Counter[str] = Counter()

    @contextmanager
    def taken(self, server: str) -> Iterator[None]:
        """A turn, for as long as the block lasts. Raises OutboundError where it would take too long to get one."""
        with self._changed:
            if not self._is_free(server):
                self._wait(server)
            self._asking[server] += 1
        try:
            yield
        finally:
            with self._changed:
                _taken_from(self._asking, server)
                self._changed.notify_all()

    def waiting(self, server: str) -> int:
        """How many wait for a turn with the server."""
        return self._in_line[server]

    def _is_free(self, server: str) -> bool:
        return self._asking[server] < SHARE and self._asking.total() < AT_ONCE

    def _wait(self, server: str) -> None:
        if self._in_line[server] >= IN_LINE:
            raise OutboundError("busy")
        self._in_line[server] += 1
        try:
            if not self._changed.wait_for(lambda: self._is_free(server), LONGEST_IN_LINE):
                raise OutboundError("busy")
        finally:
            _taken_from(self._in_line, server)


def _taken_from(counts: Counter[str], server: str) -> None:
    """One less; what is at nought is forgotten, so that the table holds no more names than there are turns."""
    counts[server] -= 1
    if not counts[server]:
        del counts[server]


_turns = Turns()


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
        self._is_cut = False
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool(HTTPConnectionPool, HTTPConnection, self),
            "https": _pool(HTTPSConnectionPool, HTTPSConnection, self),
        }

    def opened(self, host: str, port: int, timeout: float, options: Any) -> socket.socket:  # noqa: ANN401 - the same
        """A connection to an address that was looked at. Raises InwardError, OSError."""
        found = addresses.resolved(host, port, seconds=PATIENCE)[:MOST_TRIED]
        made = _first_to_answer(found, port, timeout, options)
        self._ends.append(made.dup())  # encryption takes the socket itself over
        if self._is_cut:  # the time was over before there was a connection to cut
            self.cut()
        return made

    def cut(self) -> None:
        """End every connection, now and from now on; whoever waits for it gets an error."""
        self._is_cut = True
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


def _first_to_answer(found: Sequence[str], port: int, timeout: float, options: Any) -> socket.socket:  # noqa: ANN401
    for one in found[:-1]:
        try:
            return create_connection((one, port), timeout, socket_options=options)
        except OSError:
            continue
    return create_connection((found[-1], port), timeout, socket_options=options)


def _pool(pool: Any, connection: Any, wires: _Wires) -> Any:  # noqa: ANN401 - classes made to measure
    class Remembered(connection):  # type: ignore[misc]  # either of two
        def _new_conn(self) -> socket.socket:
            # Not the library's own: that would look the name up by itself, and might hear something else. The name is
            # still what encryption checks the certificate for.
            return wires.opened(self._dns_host.strip("[]"), self.port, self.timeout, self.socket_options)

    class Pool(pool):  # type: ignore[misc]  # the same
        ConnectionCls = Remembered

    return Pool
