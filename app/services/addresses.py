"""Which addresses the service may connect to: those of the public net, and what the installation names beyond them.

A name is looked up once for each connection, and the connection goes to an address that was looked at: between the two
there is no second answer that could differ from the first.
"""

import ipaddress
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from threading import Thread

from app.config import LOOPBACK

Address = IPv4Address | IPv6Address

_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
"""Of the newer kind, all that was ever given out (IANA, IPv6 Address Space)."""
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""Addresses that stand for one of the older kind (NAT64, RFC 6052)."""
_NEVER = tuple(ipaddress.ip_network(one) for one in ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"))
"""Public by the registry's words, and yet inside: protocols' own, relays, and what a cloud tells its machines."""
_PRIVATE = tuple(
    ipaddress.ip_network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
"""Networks of one's own. One machine or one cable is none: at 169.254.169.254 clouds keep their passwords."""
_LOOKS_NUMERIC = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)\.?")
"""A last label that makes resolvers read the whole as a number: 127.1, 0x7f.1, 2130706433."""


class InwardError(Exception):
    """A name that leads somewhere that the service must not ask."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What the installation lets be asked beyond the public net."""

    is_local: bool = False
    """Whether the service itself is reached on the loopback: then others may be as well."""
    private_hosts: frozenset[str] = frozenset()
    """Host names of providers inside a network of the clinic's own."""


_installed: list[Reach] = [Reach()]


def install(reach: Reach) -> None:
    """Let this be asked from now on, in the whole process."""
    _installed[:] = [reach]


def is_loopback_name(host: str) -> bool:
    """Whether that is how this machine is called, and it may be asked."""
    return host in LOOPBACK and _installed[0].is_local


def host_problem(host: str) -> str | None:
    """Why a host can't be a provider's, as far as it can be told without looking it up; as a sentence."""
    if is_loopback_name(host):
        return None
    if host in LOOPBACK:
        return "The address is one of this very machine."
    found = _literal(host)
    if found is None:
        return "Give the host by its name." if _LOOKS_NUMERIC.fullmatch(host) else None
    return None if _may(host, found) else "The address is one inside a network. Give one that everybody can reach."


def resolved(host: str, port: int, *, seconds: float) -> Sequence[str]:
    """The host's addresses, each of which may be asked. Raises InwardError when one may not, OSError without any."""
    found: list[str] = []

    def look_up() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend(str(address[0]) for *_, address in answers)

    # The resolver has no time limit of its own, and whoever owns the name decides how long it is kept waiting.
    clerk = Thread(target=look_up, daemon=True)
    clerk.start()
    clerk.join(seconds)
    addresses = tuple(dict.fromkeys(found))
    if not addresses:
        raise OSError("no address")
    if not all(_may(host, ipaddress.ip_address(one)) for one in addresses):
        raise InwardError
    return addresses


def _may(host: str, address: Address) -> bool:
    meant = _unwrapped(address)
    if meant.is_loopback:
        return is_loopback_name(host)
    is_inside = any(meant in network for network in _PRIVATE)
    return is_public(meant) or (is_inside and host in _installed[0].private_hosts)


def is_public(address: Address) -> bool:
    """Whether it is an ordinary address of the public net, whichever way it is wrapped."""
    meant = _unwrapped(address)
    if not meant.is_global or meant.is_multicast:
        return False
    if isinstance(meant, IPv6Address):
        return meant in _GLOBAL_UNICAST
    return not any(meant in network for network in _NEVER)


def _unwrapped(address: Address) -> Address:
    """The address of the older kind that this one stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
