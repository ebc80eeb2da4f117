"""An invitation to an address that opens an account elsewhere: who learns of it, and who does not."""

import re

import pytest
from sqlalchemy import select

from app.clock import now
from app.models import Role, User
from app.services import invitations
from tests.browsing import without_form_token
from tests.records import column


def choose(browser, path):
    return browser.post(path, data={"password": "seven quiet herons wade"})


def invited(app, ada, email, name):
    with app.app_context():
        made = invitations.invite(email=email, name=name, roles=[Role.STAFF], clinic=ada.clinic, by=ada, at=now())
    return f"/invitation/{made.token}"


@pytest.mark.usefixtures("mailbox")
def test_an_address_that_opens_an_account_elsewhere_is_told_to_its_owner_alone(app, ada, boris, anonymous):
    answer = choose(anonymous, invited(app, ada, boris.email, "Boris Lang"))

    assert answer.status_code == 409
    assert "already belongs to an account" in answer.text
    assert "Lakeside" not in answer.text


def test_without_mail_no_link_tells_an_administrator_whether_an_address_is_known(app, ada, boris, as_ada):
    paths = [invited(app, ada, boris.email, "Nils Berg"), invited(app, ada, "nils@elsewhere.example", "Nils Berg")]

    answers = [choose(app.test_client(), path) for path in paths]
    after = [app.test_client().get(path) for path in paths]
    people = [as_ada.get(f"/people/{user_id}").text.replace(user_id, "") for user_id in ids_of(app, "Nils Berg")]

    assert [(answer.status_code, answer.location) for answer in answers] == [(303, "/sign-in")] * 2
    assert [page.status_code for page in after] == [410] * 2
    blank = [re.sub(r"(boris@clinic|nils@elsewhere)\.example", "", without_form_token(page)) for page in people]
    assert blank[0] == blank[1]


def test_whoever_accepts_without_mail_is_told_what_to_do_if_the_address_is_another_accounts(app, ada, anonymous):
    choose(anonymous, invited(app, ada, "nils@clinic.example", "Nils Berg"))

    assert "ask the clinic to invite you with another address" in anonymous.get("/sign-in").text


def ids_of(app, name):
    return column(app, select(User.id).where(User.name == name))
