"""What another server can do to us by answering: nothing."""

import socket
import time
from contextlib import ExitStack
from threading import Thread

import pytest
from requests import Session

from app.services import addresses, outbound
from app.services.addresses import Reach
from app.services.outbound import AT_ONCE, IN_LINE, SHARE, OutboundError, Turns, ask_json, origin_of
from tests.provider import WELL_KNOWN, a_key, as_json, proof, refusal
from tests.tls import certificate, server_with


@pytest.mark.asvs("1.3.6", "13.2.4")
@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1/x", "http://169.254.169.254/x", "file:///etc/passwd", "https://127.0.0.1/x", 7, None],
)
def test_nothing_is_asked_of_an_address_that_is_not_the_providers(provider, client, name, address):
    provider.about[name] = address

    assert refusal(provider, client) == "elsewhere"


@pytest.mark.asvs("10.5.3")
def test_a_provider_that_calls_itself_something_else_is_not_believed(provider, client):
    provider.about["issuer"] = "https://elsewhere.example"

    assert refusal(provider, client) == "issuer"


def a_redirect(_):
    return 302, {"Location": "/elsewhere"}, b""


def an_empty_drawer(_):
    return as_json({}, 500)


def words(_):
    return 200, {}, b"<html>Welcome to the hotel wifi"


def a_list(_):
    return as_json([1])


def a_tower(_):
    return 200, {}, b"[" * 100_000


def packed(_):
    return 200, {"Content-Encoding": "gzip"}, bytes(10)


@pytest.mark.asvs("15.3.2")
@pytest.mark.parametrize("path", [WELL_KNOWN, "/token", "/keys"])
@pytest.mark.parametrize(
    ("strange", "word"),
    [
        (a_redirect, "status"),
        (an_empty_drawer, "status"),
        (words, "garbage"),
        (a_list, "garbage"),
        (a_tower, "garbage"),
        (packed, "garbage"),
        (lambda _: (200, {}, b'{"a": "' + b"x" * outbound.LARGEST + b'"}'), "too_large"),
    ],
)
def test_a_strange_answer_proves_nothing(provider, client, path, strange, word):
    provider.strange[path] = strange

    assert refusal(provider, client) == word
    assert "/elsewhere" not in provider.asked


def without_end(handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    try:
        while True:
            handler.wfile.write(b" " * 65_536)
    except OSError:
        pass


def test_no_more_is_read_than_an_answer_may_have(provider, client):
    provider.strange[WELL_KNOWN] = without_end
    began = time.monotonic()

    assert refusal(provider, client) == "too_large"
    assert time.monotonic() - began < 3


def test_a_provider_that_is_down_proves_nothing(provider, client):
    provider.close()

    assert refusal(provider, client) == "unreachable"


def drips(slowly: bytes):
    def drip(handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"" if slowly == b"X: " else b"Content-Length: 9000\r\n\r\n"))
        try:
            for _ in range(100):
                handler.wfile.write(slowly)
                handler.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    return drip


def silence(_) -> None:
    time.sleep(1.5)


@pytest.mark.parametrize("strange", [drips(b"X: "), drips(b" "), silence], ids=["headers", "body", "silence"])
def test_a_provider_that_is_slow_is_given_up(provider, client, strange, monkeypatch):
    monkeypatch.setattr(outbound, "SECONDS", 0.5)
    monkeypatch.setattr(outbound, "PATIENCE", 0.4)
    provider.strange[WELL_KNOWN] = strange
    began = time.monotonic()

    assert refusal(provider, client) in {"unreachable", "garbage"}
    assert time.monotonic() - began < 1.2


def test_silence_is_not_waited_out(provider, client, monkeypatch):
    monkeypatch.setattr(outbound, "PATIENCE", 0.3)
    provider.strange[WELL_KNOWN] = silence
    began = time.monotonic()

    assert refusal(provider, client) == "unreachable"
    assert time.monotonic() - began < 1.2


def taken_by(turns: Turns, stack: ExitStack, *servers: str) -> None:
    for server in servers:
        stack.enter_context(turns.taken(server))


@pytest.fixture
def turns(monkeypatch) -> Turns:
    """Turns of this test's own, and little patience."""
    monkeypatch.setattr(outbound, "LONGEST_IN_LINE", 0.05)
    fresh = Turns()
    monkeypatch.setattr(outbound, "_turns", fresh)
    return fresh


def test_a_slow_issuer_never_takes_more_than_its_share(turns, provider, client):
    with ExitStack() as stack:
        taken_by(turns, stack, *[origin_of(provider.address)] * SHARE)

        assert refusal(provider, client) == "busy"
    assert proof(provider, client).subject == "alma-7"


def test_two_slow_issuers_never_hold_up_a_third(turns, provider, client):
    with ExitStack() as stack:
        taken_by(turns, stack, *["https://slow.example:443", "https://slower.example:443"] * SHARE)

        assert proof(provider, client).subject == "alma-7"


def test_no_more_are_ever_asked_at_once_than_the_service_can_spare(turns, provider, client):
    with ExitStack() as stack:
        taken_by(turns, stack, *(f"https://{place}.example:443" for place in range(AT_ONCE)))

        assert refusal(provider, client) == "busy"


def test_a_queue_for_one_issuer_never_grows(turns, monkeypatch):
    monkeypatch.setattr(outbound, "LONGEST_IN_LINE", 5)
    served = []

    def wait_in_line() -> None:
        with turns.taken("slow"):
            served.append("slow")

    with ExitStack() as stack:
        taken_by(turns, stack, *["slow"] * SHARE)
        line = [Thread(target=wait_in_line) for _ in range(IN_LINE)]
        for one in line:
            one.start()
        wait_until(lambda: turns.waiting("slow") == IN_LINE)

        with pytest.raises(OutboundError, match="busy"):
            turns.taken("slow").__enter__()
    for one in line:
        one.join(5)
    assert served == ["slow"] * IN_LINE


def wait_until(is_so) -> None:
    end = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1"])
def test_a_name_that_leads_inward_is_never_asked(provider, host):
    address = provider.address.replace("127.0.0.1", host)

    with pytest.raises(OutboundError, match="inward"):
        ask_json(Session(), "GET", address, origins=frozenset({origin_of(address)}))
    assert provider.asked == []


def test_a_service_on_the_net_never_asks_its_own_machine(provider, client):
    addresses.install(Reach())

    assert refusal(provider, client) == "inward"
    assert provider.asked == []


def test_a_second_answer_of_the_resolver_never_counts(provider, monkeypatch):
    asked, look_up = [], socket.getaddrinfo

    def rebinding(host, *more, **named):
        if host == "localhost":
            asked.append(host)
            host = "127.0.0.1" if len(asked) == 1 else "127.0.0.9"
        return look_up(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    address = provider.address.replace("127.0.0.1", "localhost") + "/keys"

    found = ask_json(Session(), "GET", address, origins=frozenset({origin_of(address)}))

    assert found["keys"]
    assert asked == ["localhost"]


def test_a_certificate_for_another_name_is_never_taken(tmp_path):
    answers = {}
    for name in ("localhost", "login.example.org"):
        trusted = certificate(tmp_path, name)
        with server_with(trusted) as port:
            address = f"https://localhost:{port}/"
            origins = frozenset({origin_of(address)})
            try:
                answers[name] = ask_json(Session(), "GET", address, origins=origins, verify=str(trusted))
            except OutboundError as error:
                answers[name] = str(error)

    assert answers == {"localhost": {}, "login.example.org": "unreachable"}


def test_a_connection_that_is_made_too_late_is_never_waited_on(provider, client, monkeypatch):
    look_up = socket.getaddrinfo
    monkeypatch.setattr(outbound, "SECONDS", 0.05)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **b: (time.sleep(0.1), look_up(*a, **b))[1])
    provider.strange[WELL_KNOWN] = drips(b" ")
    began = time.monotonic()

    assert refusal(provider, client) in {"unreachable", "garbage"}
    assert time.monotonic() - began < 1.2


def test_no_proxy_and_no_password_of_the_machine_are_used(provider, client, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login evil password evil\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    seen = []
    provider.strange["/keys"] = lambda handler: (
        seen.append(handler.headers.get("Authorization")) or as_json({"keys": [a_key().as_dict(private=False)]})
    )

    assert proof(provider, client).subject == "alma-7"
    assert seen == [None]
