"""Mails: what they say, how they leave, and what a name in them can't do."""

import stat
import time
from email import message_from_bytes
from email.policy import default

import pytest

from app.clock import now
from app.config import ROOT
from app.errors import MailError
from app.post import OFF, Post, post_of
from app.services import mail
from app.services.mail import Letter
from tests.mail_server import a_mail_server

LINK = "http://localhost:8000/invitation/iv_00000000-0000-4000-8000-000000000000." + "x" * 43
SENDER = "holdwell@clinic.example"
WORDS = {"name": "Nils Berg", "clinic": "Riverside", "link": LINK, "by": "Ada Brook", "when": "23 November 2026"}
HOSTILE = (
    "Nils\r\nBcc: eve@evil.example",
    "Nils\nBcc: eve@evil.example",
    "Nils\rBcc: eve@evil.example",
    "Nils\x85Bcc: eve@evil.example",
    "Nils\u2028Bcc: eve@evil.example",
    "=?utf-8?q?Nils=0D=0ABcc=3A_eve=40evil.example?=",
    "Nils\r\n.\r\nMAIL FROM:<eve@evil.example>",
)


@pytest.fixture(autouse=True)
def _off_again():
    yield
    mail.install(OFF)


@pytest.fixture
def folder(tmp_path):
    """A folder that gets the mails."""
    mail.install(Post(SENDER, folder=tmp_path / "mail"))
    return tmp_path / "mail"


def invitation(**changes):
    return Letter("nils@clinic.example", "invitation", WORDS | changes)


def serve_at(box, *, user="", security="smtp"):
    mail.install(post_of(server=f"{security}://{user}127.0.0.1:{box.port}", sender=SENDER, folder=""))


def only(folder):
    (path,) = folder.iterdir()
    return path


def test_a_mail_server_is_given_the_letter_for_one_person():
    with a_mail_server() as box:
        serve_at(box)
        mail.send(invitation(), at=now())

    (delivery,) = box.deliveries
    assert delivery.sender.startswith(f"FROM:<{SENDER}>")
    assert delivery.recipients == ["TO:<nils@clinic.example>"]
    assert delivery.message["To"] == "nils@clinic.example"
    assert delivery.message["Auto-Submitted"] == "auto-generated"
    assert LINK in delivery.message.get_content()


def test_this_machine_is_not_named_to_the_mail_server():
    with a_mail_server() as box:
        serve_at(box)
        mail.send(invitation(), at=now())

    assert box.greeted_as == ["clinic.example"]
    assert box.deliveries[0].message["Message-ID"].endswith("@clinic.example>")


def test_the_service_signs_in_where_the_mail_server_asks_for_it():
    with a_mail_server() as box:
        serve_at(box, user="clinic:word@")
        mail.send(invitation(), at=now())

    assert len(box.logins) == 1


@pytest.mark.asvs("1.3.11")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_makes_no_header_and_no_second_mail(name):
    with a_mail_server() as box:
        serve_at(box)
        mail.send(invitation(name=name, clinic=name), at=now())

    (delivery,) = box.deliveries
    assert delivery.recipients == ["TO:<nils@clinic.example>"]
    assert delivery.message["Bcc"] is None
    assert b"\nBcc" not in delivery.raw
    assert delivery.message["Subject"] == "Your invitation to Holdwell"


@pytest.mark.asvs("1.3.11")
@pytest.mark.parametrize("template", sorted(path.stem for path in (ROOT / "templates" / "mail").glob("*.txt")))
def test_no_typed_word_stands_in_a_header(folder, template):
    marked = {name: f"canary-{name}" for name in (*WORDS, "who", "tokens")}

    mail.send(Letter("nils@clinic.example", template, marked), at=now())

    head = only(folder).read_bytes().split(b"\r\n\r\n")[0]
    assert b"canary" not in head


def test_a_name_in_another_script_arrives(folder):
    mail.send(invitation(name="Søren Łukasz 李"), at=now())

    message = message_from_bytes(only(folder).read_bytes(), policy=default)
    assert "Hello Søren Łukasz 李," in message.get_content()
    assert LINK in message.get_content()


def test_a_letter_is_plain_text_and_shows_markup_as_it_was_typed(folder):
    mail.send(invitation(name="<b>Nils & Co</b>"), at=now())

    message = message_from_bytes(only(folder).read_bytes(), policy=default)
    assert message.get_content_type() == "text/plain"
    assert "Hello <b>Nils & Co</b>," in message.get_content()


def test_a_letter_in_the_folder_is_for_its_owner_alone(folder):
    mail.send(invitation(), at=now())

    assert stat.S_IMODE(only(folder).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert LINK in only(folder).read_text()


def test_several_letters_of_one_moment_are_all_kept(folder):
    at = now()
    for _ in range(3):
        mail.send(invitation(), at=at)

    assert len(list(folder.iterdir())) == 3


def test_without_a_way_out_no_mail_leaves():
    mail.install(OFF)

    mail.send(invitation(), at=now())

    assert not mail.is_on()


@pytest.mark.asvs("16.3.4")
def test_a_refused_recipient_is_told_in_a_sentence_and_logged_without_the_address(caplog):
    with a_mail_server(refusal="550 nobody here") as box:
        serve_at(box)
        with pytest.raises(MailError, match="could not be sent"):
            mail.send(invitation(), at=now())

    assert "could not be handed over" in caplog.text
    assert "nils" not in caplog.text


def test_a_mail_server_that_is_away_is_told_in_a_sentence():
    with a_mail_server() as box:
        pass
    serve_at(box)

    with pytest.raises(MailError):
        mail.send(invitation(), at=now())


def test_a_mail_server_that_says_nothing_is_not_waited_for_long(monkeypatch):
    monkeypatch.setattr(mail, "TIMEOUT_SECONDS", 0.2)
    with a_mail_server(is_mute=True) as box:
        serve_at(box)
        start = time.monotonic()
        with pytest.raises(MailError):
            mail.send(invitation(), at=now())

    assert time.monotonic() - start < 5


@pytest.mark.asvs("12.3.1")
@pytest.mark.parametrize("security", ["smtp+starttls", "smtps"])
def test_a_server_without_the_promised_encryption_gets_neither_password_nor_letter(security, monkeypatch):
    monkeypatch.setattr(mail, "TIMEOUT_SECONDS", 1)
    with a_mail_server() as box:
        serve_at(box, user="clinic:word@", security=security)
        with pytest.raises(MailError):
            mail.send(invitation(), at=now())

    assert (box.logins, box.deliveries) == ([], [])


@pytest.mark.asvs("1.3.11")
def test_a_letter_to_what_is_no_address_is_not_sent(folder):
    with pytest.raises(MailError):
        mail.send(Letter("nils@clinic.example, eve@evil.example", "invitation", WORDS), at=now())

    assert not folder.exists()
