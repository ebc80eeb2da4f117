"""Passkeys: what makes one, what proves it, and all that proves nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.clock import now
from app.errors import InvalidError, NotSignedInError, PasskeyError, TooManyError
from app.models import AuditEvent
from app.services import passkeys, sessions
from app.services.passkeys import Site
from tests.authenticator import PRESENT, VERIFIED, url64
from tests.builders import STRANGER_ID
from tests.builders_passkeys import SITE, a_key, a_session, check, enrol, keep, options_to_add, options_to_prove, prove
from tests.records import stored


def events(app, action):
    query = select(AuditEvent.outcome, AuditEvent.detail).where(AuditEvent.action == action).order_by(AuditEvent.n)
    return [tuple(row) for row in stored(app, query)]


@pytest.fixture
def token(alma):
    """Alma, signed in, before she has a passkey."""
    return a_session(alma)


@pytest.fixture
def enrolled(token):
    """Alma, signed in, and her key."""
    return enrol(token)


@pytest.mark.parametrize(
    ("address", "rp_id", "origin"),
    [
        ("https://holdwell.example", "holdwell.example", "https://holdwell.example"),
        ("https://Holdwell.Example:443", "holdwell.example", "https://holdwell.example"),
        ("https://holdwell.example:8443", "holdwell.example", "https://holdwell.example:8443"),
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
        ("http://localhost:80", "localhost", "http://localhost"),
    ],
)
def test_passkeys_work_where_the_configuration_says_the_service_is(address, rp_id, origin):
    assert passkeys.site_of(address) == Site(rp_id, origin)


def test_a_key_is_added_and_signs(app, alma, enrolled):
    token, key = enrolled
    prove(token, key)

    row = passkeys.of_user(alma)[0]
    assert (row.name, row.sign_count) == ("Blue key", 1)
    assert row.last_used_at is not None
    assert events(app, "factor.added")[-1] == ("done", "passkey")
    assert events(app, "session.proved") == [("done", "passkey")]
    assert events(app, "factor.refused") == []


def test_a_key_completes_a_sign_in_that_began_with_a_password(app, alma, enrolled):
    _, key = enrolled
    early = a_session(alma, is_whole=False)

    whole = prove(early, key)

    assert sessions.identify(whole, at=now()).is_whole
    assert events(app, "session.started")[-1] == ("done", "passkey")


def test_the_browser_is_asked_for_somebody_who_is_there_and_not_for_what_is_added_already(enrolled):
    token, key = enrolled

    asked = options_to_add(token)

    assert asked["rp"]["id"] == SITE.rp_id
    assert asked["authenticatorSelection"]["userVerification"] == "preferred"
    assert asked["attestation"] == "none"
    assert [one["id"] for one in asked["excludeCredentials"]] == [url64(key.credential_id)]


def test_a_key_that_only_notices_a_touch_is_enough_beside_a_password(alma, token):
    key = a_key()
    key.flags = PRESENT
    token, _ = enrol(token, key)

    prove(token, key)

    assert passkeys.of_user(alma)[0].last_used_at is not None


def test_a_key_that_never_counts_signs_again_and_again(alma, enrolled):
    token, key = enrolled
    for _ in range(2):
        key.count = -1
        token = prove(token, key)

    assert passkeys.of_user(alma)[0].sign_count == 0


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\u202eb"])
def test_a_passkey_needs_a_name_that_can_be_read(token, name):
    with pytest.raises(InvalidError) as refused:
        enrol(token, name=name)

    assert list(refused.value.errors) == ["name"]


WRONG_IN_BOTH = [
    {"origin": "https://evil.example"},
    {"origin": "http://clinic.example"},
    {"origin": "https://clinic.example:8443"},
    {"challenge": url64(b"x" * 32)},
    {"type": "webauthn.other"},
]


@pytest.mark.parametrize("changes", [*WRONG_IN_BOTH, {"type": "webauthn.get"}], ids=str)
def test_an_answer_for_another_place_or_question_adds_no_key(alma, token, changes):
    with pytest.raises(PasskeyError, match="could not be checked"):
        enrol(token, **changes)

    assert passkeys.of_user(alma) == []


@pytest.mark.parametrize("changes", [*WRONG_IN_BOTH, {"type": "webauthn.create"}], ids=str)
def test_an_answer_for_another_place_or_question_proves_nothing(app, alma, enrolled, changes):
    with pytest.raises(PasskeyError, match="could not be checked"):
        prove(*enrolled, **changes)

    assert events(app, "factor.refused") == [("refused", "passkey_wrong")]
    assert passkeys.of_user(alma)[0].last_used_at is None


def test_a_key_that_was_made_for_another_name_is_refused(token):
    key = a_key()
    key.rp_id = "evil.example"

    with pytest.raises(PasskeyError, match="could not be checked"):
        enrol(token, key)


def test_a_signature_of_another_key_proves_nothing(enrolled):
    token, key = enrolled

    with pytest.raises(PasskeyError, match="could not be checked"):
        prove(token, replace(a_key(), credential_id=key.credential_id))


def test_a_key_that_nobody_touched_proves_nothing(enrolled):
    enrolled[1].flags = VERIFIED

    with pytest.raises(PasskeyError, match="could not be checked"):
        prove(*enrolled)


def test_a_refused_key_leaves_the_sign_in_half_done(alma, enrolled):
    early = a_session(alma, is_whole=False)

    with pytest.raises(PasskeyError):
        prove(early, enrolled[1], origin="https://evil.example")

    assert not sessions.identify(early, at=now()).is_whole


def test_a_copy_of_a_key_is_noticed_by_its_count(app, alma, enrolled):
    token, key = enrolled
    copy = replace(key)
    token = prove(token, key)

    with pytest.raises(PasskeyError, match="there is a copy of it"):
        prove(token, copy)

    assert events(app, "factor.refused") == [("refused", "passkey_copied")]
    assert passkeys.of_user(alma)[0].sign_count == 1


def test_a_count_that_goes_back_to_nothing_is_a_copy_too(enrolled):
    token, key = enrolled
    token = prove(token, key)
    key.count = -1

    with pytest.raises(PasskeyError, match="there is a copy of it"):
        prove(token, key)


def test_an_answer_counts_once(enrolled):
    token, key = enrolled
    credential = key.signed(options_to_prove(token))
    token = check(token, credential)

    with pytest.raises(PasskeyError, match="used before"):
        check(token, credential)


def test_a_wrong_answer_uses_the_question_up_as_well(enrolled):
    token, key = enrolled
    asked = options_to_prove(token)
    with pytest.raises(PasskeyError):
        check(token, key.signed(asked, origin="https://evil.example"))

    with pytest.raises(PasskeyError, match="used before"):
        check(token, key.signed(asked))


def test_a_question_that_makes_a_key_is_used_up_too(alma, token):
    asked = options_to_add(token)
    token = keep(token, a_key().made(asked)).token

    with pytest.raises(PasskeyError):
        keep(token, a_key().made(asked))

    assert len(passkeys.of_user(alma)) == 1


@pytest.mark.parametrize(("minutes", "cause"), [(4.9, None), (5, "late")])
def test_an_answer_counts_for_five_minutes(enrolled, minutes, cause):
    token, key = enrolled
    asked_at = now()
    credential = key.signed(options_to_prove(token, at=asked_at))

    try:
        check(token, credential, at=asked_at + timedelta(minutes=minutes))
        found = None
    except PasskeyError as error:
        found = error.cause

    assert found == cause


def test_an_answer_counts_in_the_session_that_asked(alma, enrolled):
    token, key = enrolled
    credential = key.signed(options_to_prove(token))

    with pytest.raises(PasskeyError, match="used before"):
        check(a_session(alma), credential)


@pytest.mark.parametrize("junk", ["", "no token", f"{STRANGER_ID}.{'x' * 43}"])
def test_without_a_sign_in_there_is_no_question_and_no_answer(enrolled, junk):
    assert enrolled
    with pytest.raises(NotSignedInError):
        options_to_prove(junk)
    with pytest.raises(NotSignedInError):
        check(junk, {})


def test_a_sign_in_that_has_ended_gets_no_question(enrolled):
    token, _ = enrolled
    sessions.sign_out(token, at=now())

    with pytest.raises(NotSignedInError):
        options_to_prove(token)


JUNK = [
    {},
    {"id": 1, "rawId": 2, "type": "public-key", "response": {}},
    {"id": "a", "rawId": "a", "type": "public-key", "response": {"clientDataJSON": "a", "attestationObject": "a"}},
    {"id": "\ud800", "rawId": "\ud800", "type": "public-key", "response": []},
    {"rawId": None},
]


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_junk_is_refused_in_a_sentence(enrolled, junk):
    token, _ = enrolled
    options_to_prove(token)
    with pytest.raises(PasskeyError):
        check(token, junk)
    options_to_add(token)
    with pytest.raises(PasskeyError):
        keep(token, junk)


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
def test_a_part_of_the_answer_that_is_junk_proves_nothing(enrolled, part):
    token, key = enrolled
    credential = key.signed(options_to_prove(token))
    credential["response"][part] = url64(b"[" * 30_000)

    with pytest.raises(PasskeyError, match="could not be checked"):
        check(token, credential)


def test_too_many_answers_have_to_wait_and_the_trail_says_so_once(app, enrolled):
    token, key = enrolled
    for _ in range(10):
        with pytest.raises(PasskeyError):
            prove(token, key, origin="https://evil.example")

    for _ in range(3):
        with pytest.raises(TooManyError):
            prove(token, key)

    assert events(app, "factor.refused").count(("refused", "passkey_too_many")) == 1
