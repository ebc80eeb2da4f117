"""The server itself, spoken to octet by octet: one request is one request, whatever its head says of its length."""

import re
import socket

import pytest

pytestmark = pytest.mark.asvs("4.2.1")

HOST = "Host: localhost\r\n"
HIDDEN = f"GET /sign-in HTTP/1.1\r\n{HOST}\r\n"
SIGN_IN = f"POST /sign-in HTTP/1.1\r\n{HOST}"
CHUNKED = "Transfer-Encoding: chunked\r\n"
LAST_CHUNK = "\r\n0\r\n\r\n"
AMBIGUOUS = {
    "a length and chunks": f"{SIGN_IN}Content-Length: 4\r\n{CHUNKED}{LAST_CHUNK}{HIDDEN}",
    "chunks and a length": f"{SIGN_IN}{CHUNKED}Content-Length: {5 + len(HIDDEN)}\r\n{LAST_CHUNK}{HIDDEN}",
    "two lengths": f"{SIGN_IN}Content-Length: 0\r\nContent-Length: {len(HIDDEN)}\r\n\r\n{HIDDEN}",
    "two lengths in one": f"{SIGN_IN}Content-Length: 0, {len(HIDDEN)}\r\n\r\n{HIDDEN}",
    "a signed length": f"{SIGN_IN}Content-Length: +0\r\n\r\n{HIDDEN}",
    "a length of another script": f"{SIGN_IN}Content-Length: \u0660\r\n\r\n{HIDDEN}",
    "a blank before the colon": f"{SIGN_IN}Transfer-Encoding : chunked\r\nContent-Length: 0\r\n\r\n{HIDDEN}",
    "an unknown coding": f"{SIGN_IN}Transfer-Encoding: xchunked\r\n{LAST_CHUNK}{HIDDEN}",
    "a coding after chunks": f"{SIGN_IN}Transfer-Encoding: chunked, identity\r\n{LAST_CHUNK}{HIDDEN}",
    "a folded head": f"{SIGN_IN}Transfer-Encoding:\r\n chunked\r\n{LAST_CHUNK}{HIDDEN}",
    "an underscore": f"{SIGN_IN}Transfer_Encoding: chunked\r\nContent_Length: 7\r\nContent-Length: x\r\n\r\n{HIDDEN}",
    "a bare line feed in the head": f"{SIGN_IN}X: y\nContent-Length: 0\r\n\r\n{HIDDEN}",
    "a length with an old version": f"POST /sign-in HTTP/1.0\r\n{HOST}{CHUNKED}{LAST_CHUNK}{HIDDEN}",
}


def answer(address, text):
    """All that comes back until the server hangs up."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as wire:
        wire.sendall(text.encode("latin-1", "replace"))
        wire.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: wire.recv(65536), b"")).decode("latin-1")


def reached_the_application(said):
    """The server's own refusals wear nothing of ours."""
    return "\r\nContent-Security-Policy: " in said


def test_a_plain_request_reaches_the_application(service):
    said = answer(service.address, f"{SIGN_IN}Content-Length: 0\r\n\r\n")

    assert reached_the_application(said)


@pytest.mark.parametrize("how", AMBIGUOUS)
def test_a_request_that_could_end_in_two_places_reaches_nothing(service, how):
    said = answer(service.address, AMBIGUOUS[how])

    assert re.findall(r"^HTTP/1\.[01] (\d{3})", said, re.MULTILINE) in (["400"], ["501"])
    assert not reached_the_application(said)
