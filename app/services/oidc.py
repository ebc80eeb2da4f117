"""OpenID Connect: authorisation code with PKCE. What is asked of the provider, and what its answer proves.

Nothing here knows of accounts. Every check that fails raises OutboundError with a word for our log; the provider's own
words go nowhere.
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.requests_client import OAuth2Session  # type: ignore[import-untyped]  # ships no types
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]  # the same
from authlib.oidc.discovery import get_well_known_url  # type: ignore[import-untyped]  # the same
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, KeySet, RSAKey

from app.services.addresses import host_problem, is_loopback_name
from app.services.outbound import OutboundError, ask_json, origin_of

ALGORITHMS = ["RS256", "ES256"]
SCOPE = "openid email"
LEEWAY = 60
"""Seconds that two clocks may differ by."""
LONGEST_AGO = 600
"""Seconds since the person typed something at the provider, where it says so: to sign in is a fresh proof."""
SHORTEST_RSA = 2048
MOST_KEYS = 50
_SUBJECT = re.compile(r"[ -~]{1,255}")
_PLAIN = re.compile(r"[!\"$->@-~]+")  # what has a query or a fragment is no issuer

ELSEWHERE: Mapping[str, frozenset[str]] = {
    "https://accounts.google.com": frozenset({"https://oauth2.googleapis.com:443", "https://www.googleapis.com:443"}),
}
"""Providers that answer from more than the issuer's own address: https://accounts.google.com/.well-known/openid-configuration."""

# RFC 8176 and the values that the large providers write.
SECOND_FACTORS = frozenset({"mfa", "otp", "hwk", "swk", "sc"})
STRONG_CONTEXTS = frozenset(
    {
        "phr",  # OpenID Connect Extended Authentication Profile: resistant to phishing
        "phrh",
        "https://refeds.org/profile/mfa",
        "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
    }
)


@dataclass(frozen=True, slots=True)
class Client:
    """The service, as one provider knows it."""

    issuer: str
    client_id: str
    client_secret: str
    back: str
    """Where the provider sends the browser back to."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a browser has to bring back: it binds the answer to the one who asked."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What the provider has proved of somebody."""

    subject: str
    email: str | None
    """None where the provider does not say that it is verified."""
    has_second_factor: bool


def issuer_problem(issuer: str) -> str | None:
    """Why the address can't be an issuer, as a sentence. Plain http is for this very machine only.

    Where its name leads is not looked up here: that is decided anew for each connection.
    """
    if origin_of(issuer) is None or not _PLAIN.fullmatch(issuer):
        return "Give the address that the provider calls its issuer, such as https://login.example.org."
    host = urlsplit(issuer).hostname or ""
    is_plain = not issuer.startswith("https://") and not is_loopback_name(host)
    return host_problem(host) or ("The address must begin with https://." if is_plain else None)


def begin(client: Client) -> tuple[str, Attempt]:
    """Where to send the browser, and what it must bring back. Raises OutboundError."""
    about = _metadata(client)
    attempt = Attempt(*(secrets.token_urlsafe(32) for _ in range(3)))
    address, _ = _session(client).create_authorization_url(
        _endpoint(about, "authorization_endpoint", client),
        state=attempt.state,
        nonce=attempt.nonce,
        code_verifier=attempt.verifier,
        prompt="login",  # on a clinic's computer, the last one's sign-in at the provider may go on
    )
    return str(address), attempt


def finish(client: Client, attempt: Attempt, answer: Mapping[str, str], *, at: datetime) -> Proof:
    """What the provider's answer proves, at the instant ``at``. Raises OutboundError."""
    if not hmac.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
        raise OutboundError("state")
    if "error" in answer or not answer.get("code"):
        raise OutboundError("declined")
    about = _metadata(client)
    # RFC 9207: with two providers, an answer of the one must not pass for an answer of the other.
    needs_issuer = about.get("authorization_response_iss_parameter_supported") is True
    if answer.get("iss", "" if needs_issuer else client.issuer) != client.issuer:
        raise OutboundError("issuer")
    token = _token(client, about, attempt, answer["code"])
    claims = _claims(token, client, attempt, _keys(client, about), at)
    # Where the provider says when the person signed in there: it was asked to have them do so now.
    if at.timestamp() - (claims.get("auth_time") or claims["iat"]) > LONGEST_AGO + LEEWAY:
        raise OutboundError("stale")
    return _proof(claims)


def _session(client: Client) -> Any:  # noqa: ANN401 - the library ships no types
    return OAuth2Session(
        client.client_id,
        client.client_secret,
        scope=SCOPE,
        redirect_uri=client.back,
        code_challenge_method="S256",
    )


def _origins(client: Client) -> frozenset[str]:
    return ELSEWHERE.get(client.issuer, frozenset()) | {origin_of(client.issuer) or ""}


def _endpoint(about: Mapping[str, Any], name: str, client: Client) -> str:
    address = about.get(name)
    if not isinstance(address, str) or origin_of(address) not in _origins(client):
        raise OutboundError("elsewhere")
    return address


def _ask(client: Client, method: str, address: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    session = _session(client)
    return ask_json(session, method, address, origins=_origins(client), withhold_token=True, **more)


def _metadata(client: Client) -> dict[str, Any]:
    about = _ask(client, "GET", get_well_known_url(client.issuer, external=True))
    if about.get("issuer") != client.issuer:
        raise OutboundError("issuer")
    return about


def _token(client: Client, about: Mapping[str, Any], attempt: Attempt, code: str) -> str:
    methods = about.get("token_endpoint_auth_methods_supported")
    is_post = isinstance(methods, list) and "client_secret_basic" not in methods and "client_secret_post" in methods
    body = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.back,
        "code_verifier": attempt.verifier,
    }
    auth = _session(client).client_auth("client_secret_post" if is_post else "client_secret_basic")
    answer = _ask(client, "POST", _endpoint(about, "token_endpoint", client), data=body, auth=auth)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise OutboundError("no_token")
    return token


def _keys(client: Client, about: Mapping[str, Any]) -> KeySet:
    """The provider's public keys for signatures. A shared key has no place there: it would let anybody sign."""
    listed = _ask(client, "GET", _endpoint(about, "jwks_uri", client)).get("keys")
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise OutboundError("keys")
    keys: list[Key] = [key for one in listed if (key := _key(one)) is not None]
    if not keys:
        raise OutboundError("keys")
    return KeySet(keys)


def _key(one: Any) -> RSAKey | ECKey | None:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(one, dict) or one.get("use", "sig") != "sig":
        return None
    try:
        if one.get("kty") == "EC":
            return ECKey.import_key(one)
        if one.get("kty") != "RSA" or len(str(one.get("n"))) * 6 < SHORTEST_RSA:
            return None
        key = RSAKey.import_key(one)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key


def _claims(token: str, client: Client, attempt: Attempt, keys: KeySet, at: datetime) -> Mapping[str, Any]:
    try:
        decoded = jwt.decode(token, keys, algorithms=ALGORITHMS)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise OutboundError("signature") from error
    needed = {
        "iss": {"essential": True, "value": client.issuer},
        "aud": {"essential": True, "value": client.client_id},
        "sub": {"essential": True},
    }
    params = {"nonce": attempt.nonce, "client_id": client.client_id}
    claims = CodeIDToken(decoded.claims, decoded.header, needed, params)
    try:
        claims.validate(now=int(at.timestamp()), leeway=LEEWAY)
    except (JoseError, ValueError, TypeError) as error:
        raise OutboundError(f"claim_{getattr(error, 'claim', None) or 'wrong'}"[:40]) from error
    return dict(claims)


def _proof(claims: Mapping[str, Any]) -> Proof:
    subject, email = claims["sub"], claims.get("email")
    if not _SUBJECT.fullmatch(subject):
        raise OutboundError("subject")
    # Plain ASCII: folding "ß" to "ss" would make one mailbox of two.
    is_verified = claims.get("email_verified") is True and isinstance(email, str) and email.isascii()
    methods = [one for one in claims.get("amr") or [] if isinstance(one, str)]
    more = not SECOND_FACTORS.isdisjoint(methods) or str(claims.get("acr")) in STRONG_CONTEXTS
    return Proof(subject=subject, email=email if is_verified else None, has_second_factor=more)
