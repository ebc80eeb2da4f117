"""What another server can do to us by answering: nothing."""

import time
from threading import BoundedSemaphore

import pytest

from app.services import outbound
from tests.provider import WELL_KNOWN, a_key, as_json, proof, refusal


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


def test_a_provider_that_keeps_us_waiting_keeps_few_of_us(provider, client, monkeypatch):
    monkeypatch.setattr(outbound, "PATIENCE", 0.1)
    turns = BoundedSemaphore(1)
    monkeypatch.setattr(outbound, "_FREE", turns)
    turns.acquire()

    assert refusal(provider, client) == "busy"


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
