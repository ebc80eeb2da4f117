"""Commands about a clinic's identity provider."""

import pytest
from sqlalchemy import select, update

from app.models import IdentityProvider, User
from app.services import providers
from tests.records import change, column, count

SET = ["provider", "set", "--issuer", "https://login.example.org", "--client-id", "holdwell"]


@pytest.fixture
def run(app):
    """Runs a command; what it printed comes back with its exit code."""

    def command(*arguments, typed=None):
        result = app.test_cli_runner().invoke(args=list(arguments), input=typed)
        return result.exit_code, result.output

    return command


def test_a_provider_is_set_and_what_to_enter_there_is_said(app, ada, run):
    code, said = run(*SET, "--by", "ada@clinic.example", "--secret-stdin", typed="sesame\n")

    door = f"http://localhost/sign-in/at/{ada.clinic_id}"
    assert code == 0
    assert said == (
        f"The people of Riverside Physiotherapy sign in at {door}.\n"
        f"At the provider, enter as redirect address: {door}/back\n"
    )
    with app.app_context():
        assert providers.of_clinic(by=ada).client_secret == "sesame"


def test_a_secret_is_asked_for_and_not_shown(run):
    code, said = run(*SET, "--by", "ada@clinic.example", typed="sesame\n")

    assert code == 0
    assert "Client secret" in said
    assert "sesame" not in said


@pytest.mark.parametrize("email", ["alma@clinic.example", "nobody@clinic.example"])
def test_only_in_an_administrators_name(app, run, email):
    code, said = run(*SET, "--by", email, "--secret-stdin", typed="sesame\n")

    assert (code, said) == (1, f"Error: No administrator has the address '{email}'.\n")
    assert count(app, IdentityProvider) == 0


def test_what_no_provider_could_be_is_refused_in_a_sentence(run):
    code, said = run(*SET[:-1], "", "--by", "ada@clinic.example", "--secret-stdin", typed="sesame\n")

    assert (code, said) == (1, "Error: Give the client ID that the provider made.\n")


def test_a_provider_is_removed(app, run):
    run(*SET, "--by", "ada@clinic.example", "--secret-stdin", typed="sesame\n")

    assert run("provider", "remove", "--by", "ada@clinic.example") == (
        0,
        "The people of Riverside Physiotherapy sign in with passwords.\n",
    )
    assert count(app, IdentityProvider) == 0


@pytest.fixture
def nobody_with_a_password(app, ada, alma) -> None:
    """Ada and Alma come in by the provider only."""
    for user in (ada, alma):
        change(app, update(User).where(User.id == user.id).values(password_hash=None, oidc_subject=user.name))


@pytest.mark.usefixtures("nobody_with_a_password")
def test_whoever_looks_after_the_service_is_never_left_unwarned(app, run):
    warning = (
        "Warning: no administrator of Riverside Physiotherapy has a password. If nobody can come in by the provider, "
        "invite one: flask users invite --role administrator\n"
    )

    said = [
        run(*SET, "--by", "ada@clinic.example", "--secret-stdin", typed="sesame\n"),
        run("provider", "forget", "--email", "alma@clinic.example"),
        run("provider", "remove", "--by", "ada@clinic.example"),
    ]

    assert [(code, words.endswith(warning)) for code, words in said] == [(0, True)] * 3
    assert "They have no password here: an administrator has to invite them again.\n" in said[1][1]
    assert count(app, IdentityProvider) == 0


def test_somebody_is_known_no_more(app, run, alma):
    change(app, update(User).where(User.id == alma.id).values(oidc_subject="alma-7"))

    assert run("provider", "forget", "--email", "alma@clinic.example") == (
        0,
        "Alma Reyes is connected to the clinic's provider no more.\n",
    )
    assert column(app, select(User.oidc_subject).where(User.id == alma.id)) == [None]


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("alma@clinic.example", "Alma Reyes is not connected to the clinic's provider."),
        ("nobody@clinic.example", "There is nobody with the address 'nobody@clinic.example'."),
    ],
)
def test_nobody_is_forgotten_who_was_not_known(run, email, sentence):
    assert run("provider", "forget", "--email", email) == (1, f"Error: {sentence}\n")
