"""An identity provider on the loopback that can be told to misbehave."""

import hashlib
import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.services import oidc
from app.services.oidc import Attempt, Client, Proof
from app.services.outbound import OutboundError

WELL_KNOWN = "/.well-known/openid-configuration"
BACK = "http://localhost:8000/back"
CLIENT, SECRET = "holdwell-riverside", "the provider's secret + of ours/="
Answer = tuple[int, dict[str, str], bytes]


@cache
def a_key(name: str = "one") -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"}, auto_kid=False)


def as_json(value: Any, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


class Provider:
    """Everybody who comes is the same person: the one of ``claims``."""

    def __init__(self) -> None:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.serve(self, {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.serve(self, {name: values[0] for name, values in parse_qs(body).items()})

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.claims: dict[str, Any] = {"sub": "alma-7", "email": "alma@clinic.example", "email_verified": True}
        self.about: dict[str, Any] = {}
        """What it says of itself beyond the truth."""
        self.sign: Callable[[dict[str, Any]], str] = lambda claims: jwt.encode(
            {"alg": "RS256", "kid": "one"}, claims, a_key()
        )
        self.strange: dict[str, Callable[[BaseHTTPRequestHandler], Answer | None]] = {}
        """Path to an answer in place of the right one; None when the request was dealt with."""
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def serve(self, handler: BaseHTTPRequestHandler, form: dict[str, str]) -> None:
        path = urlsplit(handler.path).path
        self.asked.append(path)
        handle = self.strange.get(path) or (lambda one: self.answer(path, one, form))
        answer = handle(handler)
        if answer is None:
            return
        status, headers, content = answer
        handler.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    def answer(self, path: str, handler: BaseHTTPRequestHandler, form: dict[str, str]) -> Answer:
        if path == WELL_KNOWN:
            names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            addresses = {name: f"{self.address}/{last}" for name, last in names.items()}
            return as_json({"issuer": self.address} | addresses | self.about)
        if path == "/keys":
            return as_json({"keys": [a_key().as_dict(private=False)]})
        if path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}
            return 302, {"Location": self.agree(asked)}, b""
        return self.token(handler, form) if path == "/token" else as_json({}, 404)

    def agree(self, asked: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = secrets.token_hex(8)
        self.codes[code] = asked
        return asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"]})

    def token(self, handler: BaseHTTPRequestHandler, form: dict[str, str]) -> Answer:
        asked = self.codes.pop(form["code"], None)
        proof = urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        name, _, secret = b64decode(handler.headers["Authorization"].removeprefix("Basic ")).decode().partition(":")
        if asked is None or proof != asked["code_challenge"] or (name, secret) != (CLIENT, SECRET):
            return as_json({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        token = self.sign({name: value for name, value in (claims | self.claims).items() if value is not None})
        return as_json({"access_token": "x", "token_type": "Bearer", "id_token": token})


def asked_of(provider: Provider, client: Client) -> tuple[Attempt, dict[str, str]]:
    """An attempt, and what the browser brings back from the provider."""
    address, attempt = oidc.begin(client)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    back = provider.agree(asked)
    return attempt, {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}


def proof(provider: Provider, client: Client, **changes: str) -> Proof:
    """What the provider proves; ``changes`` are made to what the browser brings back."""
    attempt, answer = asked_of(provider, client)
    return oidc.finish(client, attempt, answer | changes, at=datetime.now(UTC))


def refusal(provider: Provider, client: Client, **changes: str) -> str:
    """The word for why it proves nothing."""
    with pytest.raises(OutboundError) as refused:
        proof(provider, client, **changes)
    return str(refused.value)
