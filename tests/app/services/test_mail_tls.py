"""Mail goes to the server that was meant: its certificate is for its name, by an authority that this machine trusts."""

from contextlib import contextmanager

import pytest

from app.clock import now
from app.errors import MailError
from app.post import OFF, post_of
from app.services import mail
from app.services.mail import Letter
from tests.mail_server import a_mail_server
from tests.tls import certificate

WAYS = pytest.mark.parametrize("security", ["smtps", "smtp+starttls"])
WORDS = {"name": "Nils Berg", "clinic": "Riverside", "link": "http://localhost/x", "by": "Ada Brook", "when": "today"}
LETTER = Letter("nils@clinic.example", "invitation", WORDS)


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Mails go to a server at "localhost" with a certificate for ``name``, which vouches for itself."""

    @contextmanager
    def at_localhost(name, security, *, is_trusted):
        shown = certificate(tmp_path, name)
        if is_trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(shown))
        with a_mail_server(certificate=shown, waits_for_starttls=security == "smtp+starttls") as box:
            address = f"{security}://user:secret@localhost:{box.port}"
            mail.install(post_of(server=address, sender="holdwell@clinic.example", folder=""))
            yield box

    yield at_localhost
    mail.install(OFF)


@pytest.mark.asvs("12.3.2")
@WAYS
@pytest.mark.parametrize(
    ("name", "is_trusted"), [("localhost", False), ("elsewhere.example", True)], ids=["its own", "another name"]
)
def test_a_server_with_a_bad_certificate_gets_no_letter_and_no_password(server, security, name, is_trusted):
    with server(name, security, is_trusted=is_trusted) as box, pytest.raises(MailError):
        mail.send(LETTER, at=now())

    assert (box.logins, box.deliveries) == ([], [])


@WAYS
def test_a_server_that_is_the_one_that_was_meant_gets_both(server, security):
    with server("localhost", security, is_trusted=True) as box:
        mail.send(LETTER, at=now())

    assert [delivery.message["To"] for delivery in box.deliveries] == ["nils@clinic.example"]
    assert len(box.logins) == 1
