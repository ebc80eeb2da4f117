"""What a provider's answer proves, and that everything less proves nothing."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from app.services import addresses, oidc
from app.services.addresses import Reach
from app.services.oidc import Proof, issuer_problem
from app.services.outbound import OutboundError
from tests.provider import BACK, CLIENT, a_key, as_json, asked_of, proof, refusal


def test_a_provider_proves_who_somebody_is(provider, client):
    assert proof(provider, client) == Proof("alma-7", "alma@clinic.example", has_second_factor=False)


@pytest.mark.asvs("7.6.2", "10.2.1")
def test_the_browser_is_sent_with_all_that_binds_the_answer_to_it(provider, client):
    address, attempt = oidc.begin(client)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

    assert address.startswith(f"{provider.address}/authorize?")
    assert (asked["state"], asked["nonce"]) == (attempt.state, attempt.nonce)
    assert attempt.verifier not in address
    assert {"scope": "openid email", "redirect_uri": BACK, "code_challenge_method": "S256"}.items() <= asked.items()
    assert asked["prompt"] == "login"


def test_no_two_attempts_are_alike(client):
    (_, first), (_, second) = oidc.begin(client), oidc.begin(client)

    assert {first.state, first.nonce, first.verifier}.isdisjoint({second.state, second.nonce, second.verifier})


@pytest.mark.parametrize("value", [False, "true", 1, None])
def test_an_address_that_is_not_verified_is_none(provider, client, value):
    provider.claims["email_verified"] = value

    assert proof(provider, client).email is None


@pytest.mark.parametrize("address", ["alma@clinic.exampl\u0117", 7, ["alma@clinic.example"], None])
def test_an_address_that_could_be_another_is_none(provider, client, address):
    provider.claims["email"] = address

    assert proof(provider, client).email is None


@pytest.mark.asvs("6.8.4")
@pytest.mark.parametrize(
    "claims",
    [
        {"amr": ["pwd", "mfa"]},
        {"amr": ["otp"]},
        {"amr": ["hwk"]},
        {"acr": "phr"},
        {"acr": "https://refeds.org/profile/mfa"},
    ],
)
def test_a_second_factor_that_the_provider_asked_for_is_noted(provider, client, claims):
    provider.claims |= claims

    assert proof(provider, client).has_second_factor


@pytest.mark.asvs("6.8.4")
@pytest.mark.parametrize("claims", [{"amr": ["pwd"]}, {"amr": []}, {"amr": [["mfa"]]}, {"acr": "1"}, {"acr": ["phr"]}])
def test_a_password_alone_is_no_second_factor(provider, client, claims):
    provider.claims |= claims

    assert not proof(provider, client).has_second_factor


@pytest.mark.asvs("6.8.4", "7.6.1", "9.2.1", "9.2.2", "9.2.3", "10.5.1", "10.5.4")
@pytest.mark.parametrize(
    ("claims", "word"),
    [
        ({"nonce": "another"}, "claim_nonce"),
        ({"nonce": None}, "claim_nonce"),
        ({"iss": "https://elsewhere.example"}, "claim_iss"),
        ({"aud": "another-service"}, "claim_aud"),
        ({"aud": [CLIENT, "another-service"]}, "claim_azp"),
        ({"azp": "another-service"}, "claim_azp"),
        ({"exp": int(time.time()) - 120}, "claim_exp"),
        ({"exp": None}, "claim_exp"),
        ({"exp": "tomorrow"}, "claim_exp"),
        ({"iat": int(time.time()) + 3600}, "claim_iat"),
        ({"nbf": int(time.time()) + 3600}, "claim_nbf"),
        ({"sub": None}, "claim_sub"),
        ({"sub": ""}, "claim_sub"),
        ({"sub": 7}, "claim_sub"),
        ({"sub": "x" * 256}, "subject"),
        ({"sub": "al\u202ema"}, "subject"),
        ({"amr": "mfa"}, "claim_amr"),
        ({"auth_time": int(time.time()) - 720}, "stale"),
        ({"iat": int(time.time()) - 720}, "stale"),
        ({"auth_time": "just now"}, "claim_auth_time"),
    ],
)
def test_a_claim_that_is_wrong_proves_nothing(provider, client, claims, word):
    provider.claims |= claims

    assert refusal(provider, client) == word


def part(value: bytes | dict) -> str:
    octets = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def unsigned(claims: dict) -> str:
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


def signed_with_what_is_public(claims: dict) -> str:
    text = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(claims)}"
    return f"{text}.{part(hmac.digest(a_key().as_pem(private=False), text.encode(), 'sha256'))}"


def signed_by_another(claims: dict) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one"}, claims, a_key("two"))


def with_its_own_key(claims: dict) -> str:
    other = a_key("two")
    return jwt.encode({"alg": "RS256", "jwk": other.as_dict(private=False)}, claims, other)


def with_another_strength(claims: dict) -> str:
    return jwt.encode({"alg": "RS384", "kid": "one"}, claims, a_key(), algorithms=["RS384"])


def altered(claims: dict) -> str:
    head, _, tail = jwt.encode({"alg": "RS256", "kid": "one"}, claims, a_key()).split(".")
    return f"{head}.{part(claims | {'sub': 'ada-1'})}.{tail}"


@pytest.mark.asvs("6.8.2", "9.1.1", "9.1.2", "9.1.3")
@pytest.mark.parametrize(
    "sign",
    [
        unsigned,
        signed_with_what_is_public,
        signed_by_another,
        with_its_own_key,
        with_another_strength,
        altered,
        lambda _: "no.token",
    ],
)
def test_a_token_that_the_provider_did_not_sign_proves_nothing(provider, client, sign):
    provider.sign = sign

    assert refusal(provider, client) == "signature"


@pytest.mark.asvs("9.1.2")
def test_a_shared_key_among_the_public_ones_signs_nothing(provider, client):
    shared = OctKey.import_key("0123456789abcdef0123456789abcdef", {"kid": "shared"})
    keys = [a_key().as_dict(private=False), shared.as_dict(private=True) | {"kid": "shared"}]
    provider.strange["/keys"] = lambda _: as_json({"keys": keys})
    provider.sign = lambda claims: jwt.encode({"alg": "HS256", "kid": "shared"}, claims, shared, algorithms=["HS256"])

    assert refusal(provider, client) == "signature"


def test_keys_on_a_curve_will_do(provider, client):
    key = ECKey.generate_key("P-256", {"kid": "curve"}, auto_kid=False)
    provider.strange["/keys"] = lambda _: as_json({"keys": [key.as_dict(private=False)]})
    provider.sign = lambda claims: jwt.encode({"alg": "ES256", "kid": "curve"}, claims, key)

    assert proof(provider, client).subject == "alma-7"


SHORT = {"kty": "RSA", "kid": "one", "n": part(b"\xff" * 128), "e": "AQAB"}


@pytest.mark.parametrize("keys", [[], None, "one", [SHORT], [7], [a_key().as_dict(private=False)] * 51], ids=range(6))
def test_a_provider_without_good_keys_proves_nothing(provider, client, keys):
    provider.strange["/keys"] = lambda _: as_json({"keys": keys})

    assert refusal(provider, client) == "keys"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"state": "another"}, "state"),
        ({"state": ""}, "state"),
        ({"error": "access_denied"}, "declined"),
        ({"code": ""}, "declined"),
        ({"code": "guessed"}, "status"),
        ({"iss": "https://elsewhere.example"}, "issuer"),
    ],
    ids=str,
)
def test_an_answer_that_was_not_asked_for_proves_nothing(provider, client, changes, word):
    assert refusal(provider, client, **changes) == word


@pytest.mark.asvs("10.2.2")
def test_a_provider_that_names_itself_in_its_answers_must_do_so(provider, client):
    provider.about["authorization_response_iss_parameter_supported"] = True

    assert refusal(provider, client) == "issuer"
    assert proof(provider, client, iss=provider.address).subject == "alma-7"


def test_a_code_works_once(provider, client):
    attempt, answer = asked_of(provider, client)
    oidc.finish(client, attempt, answer, at=datetime.now(UTC))

    with pytest.raises(OutboundError, match="status"):
        oidc.finish(client, attempt, answer, at=datetime.now(UTC))


@pytest.mark.asvs("10.1.2", "10.2.1")
def test_a_code_works_only_for_who_asked_for_it(provider, client):
    _, stolen = asked_of(provider, client)
    _, attempt = oidc.begin(client)

    with pytest.raises(OutboundError, match="status"):
        oidc.finish(client, attempt, stolen | {"state": attempt.state}, at=datetime.now(UTC))


@pytest.mark.asvs("1.2.2", "1.3.6", "12.3.1")
@pytest.mark.parametrize(
    ("issuer", "is_good"),
    [
        ("https://login.example.org", True),
        ("https://login.example.org/realms/riverside", True),
        ("https://login.example.org:8443/", True),
        ("http://login.example.org", False),
        ("https://user:word@login.example.org", False),
        ("https://login.example.org/?a=1", False),
        ("https://login.example.org/#a", False),
        ("https://login.example.org:99999", False),
        ("https://login.exämple.org", False),
        ("https://login.example.org/\n", False),
        ("https://[::1", False),
        ("ftp://login.example.org", False),
        ("file:///etc/passwd", False),
        ("login.example.org", False),
        ("https://localhost:9000", False),
        ("http://127.0.0.1:9000", False),
        ("https://127.0.0.2", False),
        ("https://[::ffff:127.0.0.1]", False),
        ("https://10.0.0.5/realms/riverside", False),
        ("https://169.254.169.254", False),
        ("https://0.0.0.0", False),
        ("https://[fc00::1]", False),
        ("https://2130706433", False),
        ("", False),
    ],
)
def test_an_issuer_has_an_address_of_its_own_with_encryption(issuer, is_good):
    addresses.install(Reach())

    assert (issuer_problem(issuer) is None) == is_good


@pytest.mark.usefixtures("provider")
def test_an_issuer_on_this_machine_is_for_a_service_on_this_machine():
    assert issuer_problem("http://127.0.0.1:9000") is None
    assert issuer_problem("http://127.0.0.2:9000") is not None
