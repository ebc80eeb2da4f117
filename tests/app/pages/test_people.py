"""People: what an administrator sees there, and does."""

import re

import pytest
from sqlalchemy import func, select

from app.clock import now
from app.models import AuditEvent, AuthSession, OneTimeLink, Role, User
from app.pages import people_steps
from app.post import post_of
from app.services import invitations, mail, rights
from tests.conftest import signed_in
from tests.mail_server import a_mail_server
from tests.records import column, count

NILS = {"name": "Nils Berg", "email": "nils@clinic.example", "roles.0": "therapist"}
STEPS = {endpoint: address for address, endpoint, _, _ in people_steps.ADDRESSES}


def path_of(endpoint, user_id):
    return STEPS[endpoint].replace("<user_id>", user_id)


def invite(browser, **changes):
    return browser.post("/people/invite", data=NILS | changes)


def invited(app, ada):
    with app.app_context():
        return invitations.invite(
            email="nils@clinic.example", name="Nils Berg", roles=[Role.STAFF], clinic=ada.clinic, by=ada, at=now()
        ).user


def texts(page):
    """What the page says, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_everybody_of_the_clinic_stands_in_the_list_with_role_and_state(as_ada, app, ada, sten):
    invited(app, ada)
    with app.app_context():
        rights.disable(sten.id, by=ada, at=now())

    page = texts(as_ada.get("/people").text)

    assert "Alma Reyes Therapist Active Yes Never" in page
    assert "Nils Berg Staff Invited No Never" in page
    assert "Sten Dahl Staff Disabled" in page
    assert "Ada Brook (you) Administrator Active" in page
    assert "Boris" not in page


def test_people_stand_in_the_navigation_of_administrators_alone(as_ada, as_alma):
    assert 'href="/people"' in as_ada.get("/catalogue").text
    assert 'href="/people"' not in as_alma.get("/catalogue").text


def test_the_day_of_who_only_administers_begins_with_people(as_ada, as_alma, as_ines):
    assert as_ada.get("/").location == "/people"
    assert as_alma.get("/").location == "/patients"
    assert as_ines.get("/").location == "/patients"


def test_an_invitation_goes_to_the_person_and_the_link_to_nobody_else(as_ada, app, mailbox):
    answer = invite(as_ada)

    (letter,) = mailbox.letters()
    assert answer.status_code == 303
    assert letter["To"] == "nils@clinic.example"
    assert mailbox.link().startswith("http://localhost/invitation/iv_")
    shown = as_ada.get(answer.location).text
    assert "Invitation sent." in shown
    assert "/invitation/" not in shown
    assert count(app, OneTimeLink) == 1


def test_the_roles_that_are_ticked_are_the_roles_of_the_invited(as_ada, app, mailbox):
    invite(as_ada, **{"roles.0": "administrator", "roles.1": "therapist", "roles.2": "owner"})

    assert column(app, select(User.roles_text).where(User.email == NILS["email"])) == ["administrator,therapist"]
    assert len(mailbox.letters()) == 1


def test_without_mail_the_link_is_shown_once(as_ada, app):
    answer = invite(as_ada)

    assert answer.status_code == 200
    link = re.search(r"http://localhost/invitation/\S+?(?=<)", answer.text)[0]
    assert as_ada.get(link.removeprefix("http://localhost")).status_code == 200
    nils = column(app, select(User.id).where(User.email == NILS["email"]))[0]
    assert "/invitation/" not in as_ada.get(f"/people/{nils}").text
    assert "sends no e-mail" in as_ada.get("/people/invite").text


def test_a_mail_that_does_not_leave_is_said_and_the_invitation_stays(as_ada, app):
    with a_mail_server(refusal="451 not now") as box:
        mail.install(mail_to(box))
        answer = invite(as_ada)

    page = as_ada.get(answer.location).text
    assert "The e-mail could not be sent." in page
    assert "Invitation sent." not in page
    assert "Invite again" in page
    assert count(app, OneTimeLink, OneTimeLink.used_at.is_(None)) == 1


def mail_to(box):
    return post_of(server=f"smtp://127.0.0.1:{box.port}", sender="holdwell@clinic.example", folder="")


def test_an_empty_form_says_what_is_missing_and_keeps_the_rest(as_ada):
    answer = as_ada.post("/people/invite", data={"name": "Nils Berg", "email": "", "roles.1": "staff"})

    assert answer.status_code == 422
    assert "<title>Error: Invite somebody" in answer.text
    assert '<a href="#email">Give an e-mail address.</a>' in answer.text
    assert 'value="Nils Berg"' in answer.text
    assert re.search(r'value="staff" checked', answer.text)


def test_an_address_of_another_clinic_gets_the_same_answer_as_one_that_is_new(as_ada, boris, mailbox):
    known = invite(as_ada, email=boris.email)
    unknown = invite(as_ada, email="nobody@clinic.example")

    def without_ids(answer):
        return re.sub(r"[0-9a-f-]{36}", "", answer.location), answer.status_code

    assert without_ids(known) == without_ids(unknown)
    assert len(mailbox.letters()) == 2


def test_roles_are_changed_on_their_page(as_ada, app, sten):
    answer = as_ada.post(f"/people/{sten.id}/roles", data={"roles.0": "therapist", "roles.1": "staff"})

    assert answer.location == f"/people/{sten.id}"
    assert column(app, select(User.roles_text).where(User.id == sten.id)) == ["staff,therapist"]


def test_no_role_at_all_is_refused_beside_the_boxes(as_ada, sten):
    answer = as_ada.post(f"/people/{sten.id}/roles", data={})

    assert answer.status_code == 422
    assert '<a href="#roles">Choose at least one role.</a>' in answer.text


def test_whoever_is_disabled_is_out_with_the_next_click(as_ada, as_alma, alma):
    assert as_alma.get("/patients").status_code == 200

    as_ada.post(path_of("disable_person", alma.id))

    assert as_alma.get("/patients").status_code == 303


def test_a_role_that_is_taken_away_is_gone_with_the_next_click(as_ada, app, alma, ada):
    with app.app_context():
        rights.set_roles(alma.id, roles=[Role.THERAPIST, Role.ADMINISTRATOR], by=ada, at=now())
    as_alma = signed_in(app, alma)
    assert as_alma.get("/people").status_code == 200

    as_ada.post(f"/people/{alma.id}/roles", data={"roles.0": "therapist"})

    assert as_alma.get("/people").status_code == 303


@pytest.mark.parametrize(
    ("endpoint", "action"),
    [
        ("disable_person", "user.disabled"),
        ("enable_person", "user.enabled"),
        ("sign_out_person", "session.revoked"),
        ("send_reset", "password.reset_asked"),
        ("reset_second_factor", "factor.reset"),
    ],
)
def test_each_step_says_what_follows_and_then_is_done_and_noted(as_ada, app, alma, endpoint, action):
    path = path_of(endpoint, alma.id)

    asked = as_ada.get(path)
    done = as_ada.post(path)

    assert "Alma Reyes" in asked.text
    assert done.status_code == (200 if endpoint == "send_reset" else 303)
    assert action in column(app, select(AuditEvent.action).where(AuditEvent.object_id == alma.id))


def offered(page):
    return {endpoint for endpoint in STEPS if re.search(rf'href="[^"]*{STEPS[endpoint].rpartition("/")[2]}"', page)}


def test_only_what_makes_sense_is_offered(as_ada, app, alma, ada):
    nils = invited(app, ada)

    assert offered(as_ada.get(f"/people/{nils.id}").text) == {"invite_again", "withdraw_invitation"}
    assert offered(as_ada.get(f"/people/{ada.id}").text) == set()
    assert offered(as_ada.get(f"/people/{alma.id}").text) == {"disable_person", "reset_second_factor", "send_reset"}
    signed_in(app, alma)
    assert "sign_out_person" in offered(as_ada.get(f"/people/{alma.id}").text)
    as_ada.post(path_of("disable_person", alma.id))
    assert offered(as_ada.get(f"/people/{alma.id}").text) == {"enable_person", "reset_second_factor"}


def test_looking_at_a_step_does_nothing(as_ada, app, alma, ada):
    nils = invited(app, ada)
    before = column(app, select(func.count()).select_from(AuthSession)), column(app, select(User.disabled_at))

    for endpoint in STEPS:
        for user in (alma, nils):
            as_ada.get(path_of(endpoint, user.id))

    assert before == (column(app, select(func.count()).select_from(AuthSession)), column(app, select(User.disabled_at)))
    assert count(app, User, User.id == nils.id) == 1


def test_an_invitation_is_sent_again_and_withdrawn(as_ada, app, ada, mailbox):
    nils = invited(app, ada)

    again = as_ada.post(path_of("invite_again", nils.id))
    withdrawn = as_ada.post(path_of("withdraw_invitation", nils.id))

    assert again.location == f"/people/{nils.id}"
    assert len(mailbox.letters("nils@clinic.example")) == 1
    assert withdrawn.location == "/people"
    assert "Nils Berg" not in as_ada.get("/people").text


def test_the_link_to_a_new_password_goes_to_the_person(as_ada, alma, mailbox):
    as_ada.post(path_of("send_reset", alma.id))

    (letter,) = mailbox.letters()
    assert letter["To"] == alma.email
    assert "Ada Brook" in letter.get_content()
    assert mailbox.link().startswith("http://localhost/reset/pr_")


def test_without_mail_the_link_to_a_new_password_is_shown_once(as_ada, alma):
    answer = as_ada.post(path_of("send_reset", alma.id))

    assert "http://localhost/reset/pr_" in answer.text
    assert "http://localhost/reset/pr_" not in as_ada.get(f"/people/{alma.id}").text


def test_whose_second_step_is_removed_gets_a_mail_about_it(as_ada, alma, mailbox):
    as_ada.post(path_of("reset_second_factor", alma.id))

    (letter,) = mailbox.letters()
    assert letter["To"] == alma.email
    assert "http" not in letter.get_content()
