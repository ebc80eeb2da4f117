"""Passkeys: what makes one, what proves it, and all that proves nothing."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.clock import now
from app.database import unit_of_work
from app.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, PasskeyError
from app.models import AuditEvent, AuthSession, Clinic, Passkey, RecoveryCode, User
from app.services import passkeys, people, second_factor, sessions
from app.services.passkeys import Site
from tests.authenticator import PRESENT, VERIFIED, Authenticator, url64
from tests.builders import STRANGER_ID
from tests.records import change, stored

SITE = Site(rp_id="clinic.example", origin="https://clinic.example")


def a_session(user, *, is_whole=True):
    """A sign-in of ``user``; its id."""
    with unit_of_work(user.clinic_id) as session:
        row, _ = sessions.opened(session, user, browser="Firefox on Linux", at=now())
        if is_whole:
            sessions.completed(session, row, user, detail="totp", at=now())
        return row.id


def a_key():
    return Authenticator(SITE.origin, SITE.rp_id)


def options_to_add(user, session_id, at=None):
    return json.loads(passkeys.options_to_add(session_id, site=SITE, by=user, at=at or now()))


def options_to_prove(user, session_id, at=None):
    return json.loads(passkeys.options_to_prove(session_id, site=SITE, by=user, at=at or now()))


def keep(user, session_id, credential, *, name="Blue key", at=None):
    return passkeys.add(session_id, name=name, credential=credential, site=SITE, by=user, at=at or now())


def enrol(user, session_id, key=None, *, name="Blue key", **changes):
    """``user`` adds the key."""
    key = key or a_key()
    keep(user, session_id, key.made(options_to_add(user, session_id), **changes), name=name)
    return key


def check(user, session_id, credential, *, at=None, site=SITE):
    passkeys.prove(session_id, credential=credential, site=site, by=user, at=at or now())


def prove(user, session_id, key, **changes):
    """``user`` signs with the key."""
    check(user, session_id, key.signed(options_to_prove(user, session_id), **changes))


def events(app, action):
    query = select(AuditEvent.outcome, AuditEvent.detail).where(AuditEvent.action == action).order_by(AuditEvent.n)
    return [tuple(row) for row in stored(app, query)]


@pytest.fixture
def session_id(alma):
    """Alma, signed in."""
    return a_session(alma)


@pytest.fixture
def key(alma, session_id):
    """Alma's key, added to her account."""
    return enrol(alma, session_id)


@pytest.fixture
def newcomer(app, alma):
    """Alma, on the day when she has no second factor yet."""
    change(app, update(User).where(User.id == alma.id).values(totp_secret=None, totp_confirmed_at=None))
    with unit_of_work(alma.clinic_id) as session:
        session.expire_all()
    return people.user_with_address(alma.email)


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


def test_a_key_is_added_and_signs(app, alma, session_id, key):
    prove(alma, session_id, key)

    row = passkeys.of_user(alma)[0]
    assert (row.name, row.sign_count) == ("Blue key", 1)
    assert row.last_used_at is not None
    assert events(app, "factor.added")[-1] == ("done", "passkey")
    assert events(app, "factor.refused") == []


def test_the_browser_is_asked_for_somebody_who_is_there_and_not_for_what_is_added_already(alma, session_id, key):
    asked = options_to_add(alma, session_id)

    assert asked["rp"]["id"] == SITE.rp_id
    assert asked["authenticatorSelection"]["userVerification"] == "preferred"
    assert asked["attestation"] == "none"
    assert [one["id"] for one in asked["excludeCredentials"]] == [url64(key.credential_id)]


def test_only_ones_own_keys_are_asked_for(alma, sten, session_id, key):
    enrol(sten, a_session(sten), name="Sten's")

    asked = options_to_prove(alma, session_id)

    assert [one["id"] for one in asked["allowCredentials"]] == [url64(key.credential_id)]
    assert (asked["rpId"], asked["userVerification"]) == (SITE.rp_id, "preferred")


def test_a_key_that_only_notices_a_touch_is_enough_beside_a_password(alma, session_id):
    key = a_key()
    key.flags = PRESENT
    enrol(alma, session_id, key)

    prove(alma, session_id, key)

    assert passkeys.of_user(alma)[0].last_used_at is not None


def test_a_key_that_never_counts_signs_again_and_again(alma, session_id):
    key = enrol(alma, session_id)
    for _ in range(2):
        key.count = -1
        prove(alma, session_id, key)

    assert passkeys.of_user(alma)[0].sign_count == 0


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\u202eb"])
def test_a_passkey_needs_a_name_that_can_be_read(alma, session_id, name):
    with pytest.raises(InvalidError) as refused:
        enrol(alma, session_id, name=name)

    assert list(refused.value.errors) == ["name"]


WRONG_IN_BOTH = [
    {"origin": "https://evil.example"},
    {"origin": "http://clinic.example"},
    {"origin": "https://clinic.example:8443"},
    {"challenge": url64(b"x" * 32)},
    {"type": "webauthn.other"},
]


@pytest.mark.parametrize("changes", [*WRONG_IN_BOTH, {"type": "webauthn.get"}], ids=str)
def test_an_answer_for_another_place_or_question_adds_no_key(alma, session_id, changes):
    with pytest.raises(PasskeyError, match="could not be checked"):
        enrol(alma, session_id, **changes)

    assert passkeys.of_user(alma) == []


@pytest.mark.parametrize("changes", [*WRONG_IN_BOTH, {"type": "webauthn.create"}], ids=str)
def test_an_answer_for_another_place_or_question_proves_nothing(app, alma, session_id, key, changes):
    with pytest.raises(PasskeyError, match="could not be checked"):
        prove(alma, session_id, key, **changes)

    assert events(app, "factor.refused") == [("refused", "passkey_wrong")]
    assert passkeys.of_user(alma)[0].last_used_at is None


def test_a_key_that_was_made_for_another_name_is_refused(alma, session_id):
    key = a_key()
    key.rp_id = "evil.example"

    with pytest.raises(PasskeyError, match="could not be checked"):
        enrol(alma, session_id, key)


def test_a_signature_of_another_key_proves_nothing(alma, session_id, key):
    other = replace(a_key(), credential_id=key.credential_id)

    with pytest.raises(PasskeyError, match="could not be checked"):
        prove(alma, session_id, other)


def test_a_key_that_nobody_touched_proves_nothing(alma, session_id, key):
    key.flags = VERIFIED

    with pytest.raises(PasskeyError, match="could not be checked"):
        prove(alma, session_id, key)


def test_a_copy_of_a_key_is_noticed_by_its_count(app, alma, session_id, key):
    copy = replace(key)
    prove(alma, session_id, key)

    with pytest.raises(PasskeyError, match="there is a copy of it"):
        prove(alma, session_id, copy)

    assert events(app, "factor.refused") == [("refused", "passkey_copied")]
    assert passkeys.of_user(alma)[0].sign_count == 1


def test_a_count_that_goes_back_to_nothing_is_a_copy_too(alma, session_id, key):
    prove(alma, session_id, key)
    key.count = -1

    with pytest.raises(PasskeyError, match="there is a copy of it"):
        prove(alma, session_id, key)


def test_an_answer_counts_once(alma, session_id, key):
    credential = key.signed(options_to_prove(alma, session_id))
    check(alma, session_id, credential)

    with pytest.raises(PasskeyError, match="used before"):
        check(alma, session_id, credential)


def test_a_wrong_answer_uses_the_question_up_as_well(alma, session_id, key):
    asked = options_to_prove(alma, session_id)
    with pytest.raises(PasskeyError):
        check(alma, session_id, key.signed(asked, origin="https://evil.example"))

    with pytest.raises(PasskeyError, match="used before"):
        check(alma, session_id, key.signed(asked))


def test_a_question_that_makes_a_key_is_used_up_too(alma, session_id):
    asked = options_to_add(alma, session_id)
    keep(alma, session_id, a_key().made(asked))

    with pytest.raises(PasskeyError):
        keep(alma, session_id, a_key().made(asked))

    assert len(passkeys.of_user(alma)) == 1


@pytest.mark.parametrize(("minutes", "counts"), [(4.9, True), (5, False)])
def test_an_answer_counts_for_five_minutes(alma, session_id, key, minutes, counts):
    asked_at = now()
    credential = key.signed(options_to_prove(alma, session_id, at=asked_at))

    try:
        check(alma, session_id, credential, at=asked_at + timedelta(minutes=minutes))
        was_taken = True
    except PasskeyError as error:
        was_taken = error.cause != "late"

    assert was_taken is counts


def test_an_answer_counts_in_the_session_that_asked(alma, session_id, key):
    credential = key.signed(options_to_prove(alma, session_id))

    with pytest.raises(PasskeyError, match="used before"):
        check(alma, a_session(alma), credential)


@pytest.mark.parametrize("who", ["sten", "boris"])
def test_somebody_elses_passkey_is_nobodys(request, app, alma, key, who):
    other = request.getfixturevalue(who)
    others_session = a_session(other)
    enrol(other, others_session)
    credential = key.signed(options_to_prove(other, others_session))

    with pytest.raises(PasskeyError, match="none of your passkeys"):
        check(other, others_session, credential)

    assert events(app, "factor.refused") == [("refused", "passkey_unknown")]
    assert passkeys.of_user(alma)[0].last_used_at is None


@pytest.mark.parametrize("who", ["alma", "sten", "boris"])
def test_a_credential_belongs_to_one_account_of_the_installation(request, key, who):
    other = request.getfixturevalue(who)

    with pytest.raises(PasskeyError, match="in use already"):
        enrol(other, a_session(other), replace(a_key(), credential_id=key.credential_id))


def test_who_has_no_passkey_is_not_asked_for_one(alma, session_id):
    with pytest.raises(PasskeyError, match="none of your passkeys"):
        options_to_prove(alma, session_id)


JUNK = [
    {},
    {"id": 1, "rawId": 2, "type": "public-key", "response": {}},
    {"id": "a", "rawId": "a", "type": "public-key", "response": {"clientDataJSON": "a", "attestationObject": "a"}},
    {"id": "\ud800", "rawId": "\ud800", "type": "public-key", "response": []},
    {"rawId": None},
]


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_junk_is_refused_in_a_sentence(alma, session_id, junk):
    options_to_prove(alma, session_id)
    with pytest.raises(PasskeyError):
        check(alma, session_id, junk)
    options_to_add(alma, session_id)
    with pytest.raises(PasskeyError):
        keep(alma, session_id, junk)


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
def test_a_part_of_the_answer_that_is_junk_proves_nothing(alma, session_id, key, part):
    credential = key.signed(options_to_prove(alma, session_id))
    credential["response"][part] = url64(b"[" * 30_000)

    with pytest.raises(PasskeyError, match="could not be checked"):
        check(alma, session_id, credential)


def test_a_password_alone_adds_no_factor_beside_one_that_is_there(alma):
    early = a_session(alma, is_whole=False)

    with pytest.raises(NotAllowedError):
        options_to_add(alma, early)
    with pytest.raises(NotAllowedError):
        keep(alma, early, {})


def test_a_first_factor_may_be_a_passkey(newcomer):
    early = a_session(newcomer, is_whole=False)

    enrol(newcomer, early)

    assert [one.name for one in passkeys.of_user(newcomer)] == ["Blue key"]
    with pytest.raises(NotAllowedError):
        options_to_add(newcomer, early)


def test_the_last_factor_stays_where_the_clinic_requires_one(app, newcomer):
    session_id = a_session(newcomer)
    enrol(newcomer, session_id)
    only = passkeys.of_user(newcomer)[0]

    with pytest.raises(ConflictError, match="your only one"):
        passkeys.remove(session_id, only.id, by=newcomer, at=now())

    assert stored(app, select(func.count()).select_from(Passkey))[0][0] == 1


def test_one_of_two_passkeys_is_removed_and_noted(app, newcomer):
    session_id = a_session(newcomer)
    enrol(newcomer, session_id, name="First")
    enrol(newcomer, session_id, name="Second")

    passkeys.remove(session_id, passkeys.of_user(newcomer)[0].id, by=newcomer, at=now())

    assert [one.name for one in passkeys.of_user(newcomer)] == ["Second"]
    assert events(app, "factor.removed") == [("done", "passkey")]


def test_with_the_last_factor_the_recovery_codes_go_where_none_is_required(app, newcomer):
    session_id = a_session(newcomer)
    enrol(newcomer, session_id)
    with unit_of_work(newcomer.clinic_id) as session:
        second_factor.new_codes(session, newcomer, at=now())
    change(app, update(Clinic).values(is_demonstration=True, requires_second_factor=False))

    passkeys.remove(session_id, passkeys.of_user(newcomer)[0].id, by=newcomer, at=now())

    assert stored(app, select(func.count()).select_from(RecoveryCode))[0][0] == 0


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("who", ["sten", "boris"])
def test_nobody_removes_somebody_elses_passkey(request, alma, who):
    other, theirs = request.getfixturevalue(who), passkeys.of_user(alma)[0].id

    for passkey_id in (theirs, STRANGER_ID, "no id"):
        with pytest.raises(NotFoundError, match="no such passkey"):
            passkeys.remove(a_session(other), passkey_id, by=other, at=now())

    assert len(passkeys.of_user(alma)) == 1


def ended(app, session_id):
    return stored(app, select(AuthSession.revoked_at).where(AuthSession.id == session_id))[0][0] is not None


def test_a_change_of_factors_ends_the_other_sign_ins_and_nobody_elses(app, alma, sten, session_id):
    elsewhere, of_sten = a_session(alma), a_session(sten)
    enrol(alma, session_id)
    after_adding = [ended(app, one) for one in (session_id, elsewhere, of_sten)]
    elsewhere = a_session(alma)
    passkeys.remove(session_id, passkeys.of_user(alma)[0].id, by=alma, at=now())

    assert after_adding == [False, True, False]
    assert [ended(app, one) for one in (session_id, elsewhere, of_sten)] == [False, True, False]


def test_ten_passkeys_are_enough_for_anybody(alma, session_id):
    for number in range(passkeys.MOST):
        enrol(alma, session_id, name=f"Key {number}")

    with pytest.raises(ConflictError, match="You have 10 passkeys"):
        enrol(alma, session_id)
