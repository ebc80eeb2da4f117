"""One-time links and the forgotten password: what they open, what they never open, and what nobody learns from them."""

import re

import pyotp
import pytest
from sqlalchemy import select

from app.clock import now
from app.models import AuthSession, OneTimeLink, RateCounter, Role, User
from app.pages import later
from app.services import invitations, resets
from tests.browsing import without_form_token
from tests.builders import an_api_token
from tests.conftest import PASSWORD, TOTP_SECRET
from tests.records import column, count

NEW_PASSWORD = "seven quiet herons wade"


@pytest.fixture
def invitation(app, ada):
    """The path of Nils's link."""
    with app.app_context():
        made = invitations.invite(
            email="nils@clinic.example", name="Nils Berg", roles=[Role.STAFF], clinic=ada.clinic, by=ada, at=now()
        )
    return f"/invitation/{made.token}"


@pytest.fixture
def reset(app, alma):
    """The path of Alma's link."""
    with app.app_context():
        return f"/reset/{resets.ask(email=alma.email, at=now()).token}"


def choose(browser, path, password=NEW_PASSWORD):
    return browser.post(path, data={"password": password})


def sign_in(browser, email, password):
    return browser.post("/sign-in", data={"email": email, "password": password, "next": ""})


def ask(browser, email):
    answer = browser.post("/forgot-password", data={"email": email})
    later.wait()
    return answer


def test_the_invited_choose_a_password_and_then_sign_in(anonymous, invitation):
    page = anonymous.get(invitation)
    answer = choose(anonymous, invitation)

    assert "Nils Berg" in page.text
    assert "Riverside Physiotherapy" in page.text
    assert answer.location == "/sign-in"
    assert "Your password is set." in anonymous.get("/sign-in").text
    assert sign_in(anonymous, "nils@clinic.example", NEW_PASSWORD).status_code == 303


def test_accepting_signs_nobody_in_and_opens_nothing_before_the_second_step(anonymous, app, invitation):
    choose(anonymous, invitation)

    assert count(app, AuthSession) == 0
    sign_in(anonymous, "nils@clinic.example", NEW_PASSWORD)
    assert anonymous.get("/patients").status_code != 200


def test_a_weak_password_is_refused_beside_its_field_and_not_repeated(anonymous, invitation):
    answer = choose(anonymous, invitation, "nils berg")

    assert answer.status_code == 422
    assert "<title>Error: Your invitation" in answer.text
    assert '<a href="#password">Take a password of 12 characters or more.</a>' in answer.text
    assert 'value="nils berg"' not in answer.text
    assert choose(anonymous, invitation).status_code == 303


@pytest.mark.parametrize("which", ["invitation", "reset"])
def test_a_program_that_opens_every_link_of_a_mail_uses_up_none(anonymous, request, which):
    path = request.getfixturevalue(which)

    for method in ("GET", "HEAD", "GET"):
        assert anonymous.open(path, method=method).status_code == 200

    assert choose(anonymous, path).status_code == 303


@pytest.mark.parametrize("which", ["invitation", "reset"])
def test_a_link_that_was_used_leads_on_kindly(anonymous, request, which):
    path = request.getfixturevalue(which)
    choose(anonymous, path)

    for answer in (anonymous.get(path), choose(anonymous, path)):
        assert answer.status_code == 410
        assert "This link does not work any more" in answer.text
        assert ("/sign-in" if which == "invitation" else "/forgot-password") in answer.text


@pytest.mark.parametrize("token", ["x", "iv_", "pr_" + "x" * 500, "%00", "iv_%ED%A0%80"])
def test_a_made_up_link_gets_the_same_page_as_one_that_was_used(anonymous, token):
    for path in (f"/invitation/{token}", f"/reset/{token}"):
        assert anonymous.get(path).status_code == 410
        assert choose(anonymous, path).status_code == 410


@pytest.mark.parametrize("which", ["invitation", "reset"])
def test_a_link_is_sent_on_to_nobody(anonymous, request, which):
    answer = anonymous.get(request.getfixturevalue(which))

    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("which", ["invitation", "reset"])
def test_another_site_can_not_use_a_link(anonymous, request, which):
    path = request.getfixturevalue(which)

    forged = anonymous.post(path, data={"password": NEW_PASSWORD}, forged=True)

    assert forged.status_code == 400
    assert choose(anonymous, path).status_code == 303


def test_a_colleague_who_was_signed_in_here_is_signed_out_by_an_acceptance(as_sten, app, invitation):
    token = as_sten.get_cookie(app.config["IDENTITY_COOKIE_NAME"]).value

    choose(as_sten, invitation)

    assert as_sten.get("/patients").status_code == 303
    as_sten.set_cookie(app.config["IDENTITY_COOKIE_NAME"], token)
    assert as_sten.get("/patients").status_code == 303


def test_a_forgotten_password_gets_a_link_by_mail(anonymous, alma, mailbox):
    answer = ask(anonymous, "Alma@Clinic.example ")

    (letter,) = mailbox.letters()
    assert answer.status_code == 200
    assert letter["To"] == alma.email
    assert choose(anonymous, mailbox.path()).location == "/sign-in"


@pytest.mark.asvs("6.3.4", "6.4.3")
def test_a_new_password_still_needs_the_second_step(anonymous, reset, alma):
    choose(anonymous, reset)

    signed_in = sign_in(anonymous, alma.email, NEW_PASSWORD)

    assert "/sign-in/second" in signed_in.location or "second" in signed_in.location
    assert anonymous.get("/patients").status_code == 303
    code = pyotp.TOTP(TOTP_SECRET).at(now())
    anonymous.post(signed_in.location, data={"code": code, "next": ""})
    assert anonymous.get("/patients").status_code == 200


def test_a_new_password_ends_every_session_and_the_old_password(anonymous, as_alma, reset, alma):
    choose(anonymous, reset)

    assert as_alma.get("/patients").status_code == 303
    assert sign_in(anonymous, alma.email, PASSWORD).status_code == 422


def test_whose_password_was_changed_gets_a_mail_about_it(anonymous, reset, alma, mailbox):
    choose(anonymous, reset)
    later.wait()

    (letter,) = mailbox.letters()
    assert (letter["To"], letter["Subject"]) == (alma.email, "Your password for Holdwell was changed")


def test_whoever_loses_api_tokens_with_a_reset_is_told(anonymous, reset, app, alma, mailbox):
    with app.app_context():
        an_api_token(alma)
    choose(anonymous, reset)
    later.wait()

    assert "Your API tokens have ended as well" in anonymous.get("/sign-in").text
    assert "With it ended 1 API token" in mailbox.letters(alma.email)[-1].get_content()


@pytest.mark.asvs("6.3.8")
def test_the_answer_is_the_same_whether_or_not_somebody_has_the_address(anonymous, mailbox):
    pages = {
        email: without_form_token(ask(anonymous, email).text)
        for email in ("alma@clinic.example", "nobody@clinic.example")
    }

    assert len(set(pages.values())) == 1
    assert len(mailbox.letters()) == 1


def test_the_answer_does_not_wait_for_what_depends_on_the_address(anonymous, monkeypatch, mailbox):
    waiting = []
    monkeypatch.setattr(later, "do", waiting.append)

    for email in ("alma@clinic.example", "nobody@clinic.example"):
        anonymous.post("/forgot-password", data={"email": email})

    assert len(waiting) == 2
    assert mailbox.letters() == []


def test_an_unknown_address_leaves_no_row_but_the_count_of_the_place(anonymous, app, mailbox):
    for number in range(5):
        ask(anonymous, f"nobody{number}@clinic.example")

    assert (count(app, OneTimeLink), count(app, RateCounter)) == (0, 1)
    assert mailbox.letters() == []


def test_one_mailbox_gets_three_mails_an_hour_and_the_page_says_the_same(anonymous, mailbox):
    answers = [ask(anonymous, "alma@clinic.example") for _ in range(5)]

    assert {answer.status_code for answer in answers} == {200}
    assert len(mailbox.letters()) == 3


def test_one_place_is_let_ask_only_so_often(anonymous, mailbox):
    answers = [anonymous.post("/forgot-password", data={"email": f"n{n}@clinic.example"}) for n in range(31)]
    later.wait()

    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert mailbox.letters() == []


def ask_at(browser, host, **headers):
    """As a browser would that reached us under that name."""
    base = f"http://{host}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/forgot-password", base_url=base).text)
    data = {"email": "alma@clinic.example", "csrf_token": token[1] if token else ""}
    answer = browser.post("/forgot-password", data=data, base_url=base, headers=headers, forged=True)
    later.wait()
    return answer


def test_a_request_for_another_host_gets_no_mail_sent(anonymous, mailbox):
    assert ask_at(anonymous, "evil.example").status_code == 400
    assert mailbox.letters() == []


@pytest.mark.parametrize(
    ("host", "headers"),
    [("127.0.0.1", {}), ("localhost", {"X-Forwarded-Host": "evil.example"}), ("localhost:8000", {})],
)
def test_a_link_in_a_mail_leads_to_the_base_address_whatever_a_request_named(anonymous, mailbox, host, headers):
    """CVE-2021-30185: a forged Host header stood in the mail, and the token went there."""
    assert ask_at(anonymous, host, **headers).status_code == 200

    assert mailbox.link().startswith("http://localhost/reset/pr_")


def test_what_is_no_address_is_said(anonymous, mailbox):
    answer = ask(anonymous, "alma")

    assert answer.status_code == 422
    assert '<a href="#email">' in answer.text
    assert mailbox.letters() == []


def test_without_mail_the_page_says_whom_to_ask(anonymous, app):
    for answer in (anonymous.get("/forgot-password"), ask(anonymous, "alma@clinic.example")):
        assert answer.status_code == 200
        assert "Ask an administrator of your clinic" in answer.text
    assert count(app, OneTimeLink) == 0


def test_the_sign_in_leads_to_the_forgotten_password(anonymous):
    assert 'href="/forgot-password"' in anonymous.get("/sign-in").text


def test_the_command_lines_password_and_an_invitations_are_of_one_kind(anonymous, invitation, app):
    choose(anonymous, invitation)

    (kept,) = column(app, select(User.password_hash).where(User.email == "nils@clinic.example"))
    assert re.match(r"\$argon2id\$", kept)
