"""The first people of a clinic, from the command line: a fresh installation has none, and no password of ours."""

import pytest
from sqlalchemy import select

from app.clock import now
from app.models import AuditEvent, User
from app.services import invitations, people
from tests.records import column

FACTS = ("--clinic", "Riverside Physiotherapy", "--email", "nils@clinic.example", "--name", "Nils Berg")


@pytest.fixture
def run(app):
    """Runs a command; what it printed comes back with its exit code."""

    def command(*arguments):
        result = app.test_cli_runner().invoke(args=list(arguments))
        return result.exit_code, result.output

    return command


def test_the_first_administrator_is_invited_with_a_link_that_works(app, run):
    code, said = run("users", "invite", *FACTS, "--role", "administrator", "--role", "therapist")

    first, link = said.splitlines()
    assert (code, first) == (
        0,
        "Nils Berg (administrator,therapist) of Riverside Physiotherapy chooses a password here, within 24 hours:",
    )
    assert link.startswith("http://localhost/invitation/iv_")
    with app.app_context():
        user = invitations.accept(link.rpartition("/")[2], password="seven quiet herons wade", at=now())
        assert people.user_with_address("nils@clinic.example").id == user.id
    assert column(app, select(AuditEvent.action).where(AuditEvent.object_id == user.id).order_by(AuditEvent.n)) == [
        "user.invited",
        "user.accepted",
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (["--clinic", "Nowhere"], "There is no clinic named 'Nowhere'."),
        (["--email", "sten@clinic.example"], "Somebody with this address is in your clinic already."),
        (["--email", "nils"], "That is no e-mail address that we can write to."),
        (["--role", "auditor"], "An auditor only looks on"),
    ],
)
def test_what_is_refused_is_refused_in_a_sentence(app, run, changes, sentence):
    code, said = run("users", "invite", *FACTS, "--role", "staff", *changes)

    assert code == 1
    assert sentence in said
    assert column(app, select(User.id).where(User.email == "nils@clinic.example")) == []
