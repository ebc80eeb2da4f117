"""What the service may connect to, however it is written and whatever it is wrapped in."""

import socket
from ipaddress import IPv4Address, ip_address

import pytest

from app.services import addresses
from app.services.addresses import InwardError, Reach, host_problem, is_public, resolved

ANY = str(IPv4Address(0))
INWARD = (
    *("127.0.0.1", "127.0.0.2", ANY, "0.0.0.8", "10.0.0.5", "172.16.0.1", "192.168.1.1", "100.64.0.1"),
    *("100.100.100.200", "169.254.169.254", "192.0.0.192", "168.63.129.16", "192.88.99.1", "198.18.0.1"),
    *("224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.5", "::ffff:169.254.169.254", "::7f00:1", "::ffff:0:7f00:1"),
    *("64:ff9b::7f00:1", "64:ff9b::a00:5", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001::1"),
    *("fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001:db8::1", "100::1", "5f00::1"),
)
NUMBERS = ("127.1", "2130706433", "0x7f.1", "0x7f000001", "017700000001")
"""How else 127.0.0.1 can be written, for a resolver."""
PUBLIC = (
    "93.184.215.14",
    "8.8.8.8",
    "172.32.0.1",
    "2606:4700::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::",
)


@pytest.fixture(autouse=True)
def _reach():
    """Nothing beyond the public net."""
    addresses.install(Reach())
    yield
    addresses.install(Reach())


def answering(monkeypatch, *found):
    """The resolver says this, whatever it is asked; returns what it was asked."""
    asked = []

    def look_up(host, port, *_, **__):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_no_address_inside_is_taken_for_one_of_the_public_net():
    assert [one for one in INWARD if is_public(ip_address(one))] == []


def test_an_ordinary_address_is_one_of_the_public_net():
    assert [one for one in PUBLIC if not is_public(ip_address(one))] == []


def test_an_issuer_by_an_address_inside_is_never_taken():
    assert [one for one in (*INWARD, *NUMBERS, "localhost") if not host_problem(one)] == []


def test_an_issuer_by_its_name_is_taken():
    names = ("login.example.org", "8.8.8.8", "10.example.org", "0x.example", "1und1.example")

    assert {one: problem for one in names if (problem := host_problem(one))} == {}


def is_refused(host: str) -> bool:
    try:
        resolved(host, 443, seconds=3)
    except InwardError:
        return True
    return False


def test_a_name_that_the_resolver_takes_inward_is_never_connected_to():
    assert [one for one in (*NUMBERS, "127.0.0.2", "localhost", "::1") if not is_refused(one)] == []


def test_one_address_inside_among_public_ones_is_never_connected_to(monkeypatch):
    found = {}
    for address in INWARD:
        answering(monkeypatch, "93.184.215.14", address)
        found[address] = is_refused("login.example.org")

    assert [address for address, refused in found.items() if not refused] == []


def test_a_public_name_is_looked_up_once(monkeypatch):
    asked = answering(monkeypatch, "93.184.215.14", "2606:4700::1", "93.184.215.14")

    assert resolved("login.example.org", 443, seconds=3) == ("93.184.215.14", "2606:4700::1")
    assert asked == ["login.example.org"]


def test_a_name_that_nobody_has_is_an_error_of_the_net(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(OSError, match="no address"):
        resolved("login.example.org", 443, seconds=3)


def test_a_resolver_that_keeps_us_waiting_is_not_waited_for(monkeypatch):
    answer = socket.socketpair()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer[0].recv(1))

    with pytest.raises(OSError, match="no address"):
        resolved("login.example.org", 443, seconds=0.05)
    answer[1].close()
    answer[0].close()


def test_a_host_inside_is_asked_where_the_installation_names_it_and_no_other(monkeypatch):
    addresses.install(Reach(private_hosts=frozenset({"login.intern.example"})))
    found = {}
    for address in ("10.0.0.5", "192.168.1.1", "fd12:3456::1", "100.64.0.1"):
        answering(monkeypatch, address)
        found[address] = (is_refused("login.intern.example"), is_refused("other.intern.example"))

    assert set(found.values()) == {(False, True)}


def test_a_named_host_never_leads_to_this_machine_or_to_a_clouds_passwords(monkeypatch):
    addresses.install(Reach(is_local=True, private_hosts=frozenset({"login.intern.example"})))
    found = {}
    for address in ("127.0.0.1", "::1", "169.254.169.254", "fe80::1", ANY, "224.0.0.1", "::ffff:127.0.0.1"):
        answering(monkeypatch, address)
        found[address] = is_refused("login.intern.example")

    assert set(found.values()) == {True}


def test_on_one_machine_only_its_own_names_lead_to_it(monkeypatch):
    addresses.install(Reach(is_local=True))
    answering(monkeypatch, "127.0.0.1")

    assert not is_refused("localhost")
    assert is_refused("127.0.0.2")
    assert is_refused("login.example.org")
