"""What Python itself sees a test do: files it opens, addresses it reaches for.

Nothing under test reaches beyond this machine. Whoever tries is told that the network is unreachable, and the test that
did it fails, even where what it called made nothing of that.
"""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

TO_AN_ADDRESS = {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"}
BY_NAME = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
"""Asking what address a name has: the question itself leaves the machine."""
HERE = {None, "", "localhost", b"localhost"}

_elsewhere: list[str] = []
_watchers: list[tuple[frozenset[str], list[tuple[Any, ...]]]] = []


class ElsewhereError(OSError):
    """Somebody reached beyond this machine."""


def _is_loopback(host: object) -> bool:
    return host == "localhost" or (_is_address(host) and ip_address(str(host).partition("%")[0]).is_loopback)


def _is_here(event: str, arguments: tuple[Any, ...]) -> bool:
    if event in BY_NAME:
        return arguments[0] in HERE or _is_address(arguments[0]) or _is_number(arguments[0])
    connection, address = arguments[:2]
    return address is None or connection.family == socket.AF_UNIX or _is_loopback(address[0])


def _is_address(host: object) -> bool:
    """Whether nobody has to be asked for the address: it is one."""
    try:
        ip_address(str(host).partition("%")[0])
    except ValueError:
        return False
    return True


def _is_number(host: object) -> bool:
    """Whether the resolver takes it for an IPv4 address in one of its older spellings, such as 127.1."""
    try:
        socket.inet_aton(str(host))
    except OSError:
        return False
    return True


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    if (event in TO_AN_ADDRESS or event in BY_NAME) and not _is_here(event, arguments):
        _elsewhere.append(f"{event} {arguments[0 if event in BY_NAME else 1]!r}")
        raise ElsewhereError(_elsewhere[-1])
    for events, seen in _watchers:
        if event in events:
            seen.append(arguments)


sys.addaudithook(_look)  # for good: Python takes none away again


def elsewhere() -> list[str]:
    """What was tried beyond this machine since this was last asked."""
    found = _elsewhere[:]
    _elsewhere.clear()
    return found


@contextmanager
def watched(*events: str) -> Iterator[list[tuple[Any, ...]]]:
    """Collects the arguments of every event of these kinds, in all threads."""
    entry: tuple[frozenset[str], list[tuple[Any, ...]]] = (frozenset(events), [])
    _watchers.append(entry)
    try:
        yield entry[1]
    finally:
        _watchers[:] = [one for one in _watchers if one is not entry]
