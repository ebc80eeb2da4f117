"""Invitations: who can be invited, what the invited choose, and what nobody learns from it."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from app.clock import now
from app.database import unit_of_work
from app.errors import AddressTakenError, ConflictError, InvalidError, LinkError, NotFoundError, SignInError
from app.models import AuditEvent, OneTimeLink, Role, SignInName, User
from app.scope import SIGN_IN
from app.services import accounts, care_team, colleagues, invitations, people, upkeep
from app.services.colleagues import State
from tests.builders import a_patient
from tests.conftest import PASSWORD
from tests.records import column, count

NEW_PASSWORD = "seven quiet herons wade"


def invite(by, **changes):
    facts = {"email": "nils@clinic.example", "name": "Nils Berg", "roles": [Role.THERAPIST]} | changes
    return invitations.invite(**facts, clinic=by.clinic, by=by, at=now())


def accept(made, password=NEW_PASSWORD):
    return invitations.accept(made.token, password=password, at=now())


def refusal(by, **changes):
    with pytest.raises(InvalidError) as refused:
        invite(by, **changes)
    return refused.value.errors


def actions(app, user_id):
    return column(app, select(AuditEvent.action).where(AuditEvent.object_id == user_id).order_by(AuditEvent.n))


def test_whoever_accepts_can_sign_in_with_a_password_of_their_own(app, ada):
    made = invite(ada, roles=[Role.THERAPIST, Role.ADMINISTRATOR])

    user = accept(made)

    assert people.user_with_address("nils@clinic.example").id == user.id
    assert user.roles == {Role.THERAPIST, Role.ADMINISTRATOR}
    assert actions(app, user.id) == ["user.invited", "user.accepted"]


def test_the_letter_can_name_the_clinic_after_the_commit(ada):
    made = invite(ada)
    with unit_of_work(SIGN_IN):
        pass  # what another scope did not read is not there any more

    assert made.user.clinic.name == "Riverside Physiotherapy"


def test_before_that_nobody_signs_in(ada):
    invite(ada)

    assert people.user_with_address("nils@clinic.example") is None
    with pytest.raises(SignInError):
        accounts.sign_in(email="nils@clinic.example", password="", at=now())


def test_an_invitation_is_accepted_once(ada):
    made = invite(ada)
    accept(made)

    with pytest.raises(LinkError):
        accept(made, "another quiet heron wades")


@pytest.mark.parametrize("password", ["", "short", "Nils Berg 2026", "password1234", "nils@clinic.example"])
def test_a_password_that_is_easily_guessed_is_refused_and_the_invitation_stays(ada, password):
    made = invite(ada)

    with pytest.raises(InvalidError) as refused:
        accept(made, password)

    assert list(refused.value.errors) == ["password"]
    assert accept(made).id == made.user.id


@pytest.mark.parametrize(
    "email",
    [
        "",
        "nils",
        "nils@",
        "nils @clinic.example",
        "nils@clinic.example, eve@evil.example",
        "nils@clinic.example\r\nBcc: eve@evil.example",
        "=?utf-8?q?nils?=@clinic.example",
        "n" * 250 + "@clinic.example",
    ],
)
def test_what_no_mail_reaches_is_no_address(ada, email):
    assert list(refusal(ada, email=email)) == ["email"]


@pytest.mark.parametrize("email", ["groß@clinic.example", "\u017ften@clinic.example", "\ufb01n@clinic.example"])
def test_an_invitation_is_not_led_to_another_mailbox_by_a_letter_that_folds_into_others(ada, email):
    """CVE-2019-19844 was the same for password resets."""
    assert list(refusal(ada, email=email)) == ["email"]


@pytest.mark.parametrize("name", ["", "N", "Nils\nBerg", "Nils\u202eBerg", "N" * 121])
def test_a_name_that_could_mislead_is_refused(ada, name):
    assert list(refusal(ada, name=name)) == ["name"]


@pytest.mark.parametrize("roles", [[], [Role.AUDITOR, Role.STAFF], [Role.AUDITOR, Role.ADMINISTRATOR]])
def test_roles_that_do_not_go_together_are_refused(ada, roles):
    assert list(refusal(ada, roles=roles)) == ["roles"]


@pytest.mark.parametrize("email", ["sten@clinic.example", " STEN@clinic.example "])
def test_a_colleague_is_not_invited_twice(ada, email):
    assert refusal(ada, email=email) == {"email": ("Somebody with this address is in your clinic already.",)}


def test_inviting_again_makes_the_first_link_worthless(ada):
    first = invite(ada)
    second = invitations.invite_again(first.user.id, by=ada, at=now())

    with pytest.raises(LinkError):
        accept(first)
    assert accept(second).id == first.user.id


def test_whoever_has_joined_is_not_invited_again_and_not_withdrawn(ada, sten):
    with pytest.raises(ConflictError):
        invitations.invite_again(sten.id, by=ada, at=now())
    with pytest.raises(ConflictError):
        invitations.withdraw(sten.id, by=ada, at=now())


def test_a_withdrawn_invitation_opens_nothing_and_leaves_nobody(app, ada):
    made = invite(ada)
    invitations.withdraw(made.user.id, by=ada, at=now())

    with pytest.raises(LinkError):
        accept(made)
    assert count(app, User, User.id == made.user.id) == 0
    assert count(app, OneTimeLink, OneTimeLink.user_id == made.user.id) == 0
    assert actions(app, made.user.id) == ["user.invited", "user.uninvited"]


def test_somebody_in_a_care_team_is_not_withdrawn_but_disabled(ada, alma):
    made, patient = invite(ada), a_patient(by=alma)
    care_team.add(patient.id, user_id=made.user.id, by=alma, at=now())

    with pytest.raises(ConflictError, match="Disable"):
        invitations.withdraw(made.user.id, by=ada, at=now())


def test_somebody_withdrawn_can_be_invited_anew(ada):
    invitations.withdraw(invite(ada).user.id, by=ada, at=now())

    assert accept(invite(ada)).name == "Nils Berg"


def test_another_clinics_invitation_is_not_to_be_found(ada, bea):
    made = invite(ada)

    with pytest.raises(NotFoundError):
        invitations.invite_again(made.user.id, by=bea, at=now())
    with pytest.raises(NotFoundError):
        invitations.withdraw(made.user.id, by=bea, at=now())


def test_whoever_invites_does_not_learn_that_another_clinic_knows_the_address(app, ada, boris):
    known = invite(ada, email=boris.email, name="Boris Lang")
    unknown = invite(ada)

    for made in (known, unknown):
        assert actions(app, made.user.id) == ["user.invited"]
        assert made.user.password_hash is None


def test_one_address_opens_one_account_and_only_the_mailbox_is_told(app, ada, boris):
    made = invite(ada, email=boris.email, name="Boris Lang")

    with pytest.raises(AddressTakenError):
        accept(made)

    assert people.user_with_address(boris.email).id == boris.id
    assert column(app, select(User.password_hash).where(User.id == made.user.id)) == [None]
    assert invitations.invited(made.token, at=now()).id == made.user.id


def test_nobody_who_had_the_link_in_hand_learns_that_the_address_is_known(app, ada, boris):
    known, unknown = invite(ada, email=boris.email, name="Boris Lang"), invite(ada)

    for made in (known, unknown):
        user = invitations.accept(made.token, password=NEW_PASSWORD, tells=False, at=now())
        with pytest.raises(LinkError):
            accept(made)
        person = colleagues.get(user.id, by=ada, at=now())
        assert actions(app, user.id)[:2] == ["user.invited", "user.accepted"]
        assert (person.state, person.invited_until) == (State.ACTIVE, None)
    assert people.user_with_address(boris.email).id == boris.id


def test_no_migration_gives_an_address_to_somebody_who_has_not_accepted(ada, bea, boris):
    for by, email in ((ada, "nils@clinic.example"), (bea, "nils@clinic.example"), (ada, boris.email)):
        invite(by, email=email)

    upkeep.after_migration(at=now())

    assert people.user_with_address("nils@clinic.example") is None
    assert people.user_with_address(boris.email).id == boris.id


def test_two_clinics_may_invite_one_address_and_the_first_acceptance_counts(ada, bea):
    ours, theirs = invite(ada), invite(bea)

    accept(theirs)

    assert people.user_with_address("nils@clinic.example").clinic_id == bea.clinic_id
    with pytest.raises(AddressTakenError):
        accept(ours)


def test_of_two_acceptances_at_once_one_counts(app, ada, bea):
    both, together, outcomes = [invite(ada), invite(bea)], Barrier(2), []

    def race(made):
        with app.app_context():
            together.wait()
            try:
                outcomes.append(accept(made).id)
            except AddressTakenError:
                outcomes.append("taken")

    threads = [Thread(target=race, args=(made,)) for made in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count("taken") == 1
    assert count(app, SignInName, SignInName.user_id.in_([made.user.id for made in both])) == 1


def test_the_command_line_does_not_take_an_address_that_was_invited_here(ada):
    invite(ada)

    with pytest.raises(ConflictError):
        people.add_user(
            clinic=ada.clinic,
            email="nils@clinic.example",
            name="Nils Berg",
            roles=[Role.STAFF],
            password=PASSWORD,
            at=now(),
        )
