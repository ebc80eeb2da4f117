"""Commands: what they add, what they refuse in a sentence, and what they find damaged."""

import pytest
from sqlalchemy import select, text, update

from app import demo
from app.clock import now
from app.models import AuditEvent, Clinic, Draft, IssuedProgram, Patient, Role, User
from app.services import accounts, programs
from app.services.programs import HistoryFilters
from tests.builders import an_issued_program
from tests.conftest import CAST, PASSWORD
from tests.databases import SERVER
from tests.records import change, change_frozen, column, count

TOKEN = ("tokens", "add", "--name", "import", "--scope", "programs:read")


@pytest.fixture
def run(app):
    """Runs a command; what it printed comes back with its exit code."""

    def command(*arguments, typed=None):
        result = app.test_cli_runner().invoke(args=list(arguments), input=typed)
        return result.exit_code, result.output

    return command


def add_user(run, *more, typed):
    facts = ["--email", "nils@clinic.example", "--name", "Nils Berg", "--role", "therapist"]
    return run("users", "add", "--clinic", "Riverside Physiotherapy", *facts, *more, typed=typed)


def test_a_clinic_is_added_and_somebody_to_it_who_can_sign_in(app, run):
    assert run("clinics", "add", "--name", "Hillside", "--paper", "letter") == (0, "Added Hillside.\n")
    code, said = add_user(run, "--password-stdin", typed=f"{PASSWORD}\n")

    with app.app_context():
        signed_in = accounts.sign_in(email="nils@clinic.example", password=PASSWORD, at=now())
    assert (code, said) == (0, "Added Nils Berg (therapist) to Riverside Physiotherapy.\n")
    assert signed_in.user.roles == {Role.THERAPIST}


def test_a_password_that_is_asked_for_is_not_shown(run):
    code, said = add_user(run, typed=f"{PASSWORD}\n{PASSWORD}\n")

    assert code == 0
    assert PASSWORD not in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["clinics", "add", "--name", "Riverside Physiotherapy"], "There is a clinic named"),
        (["clinics", "add", "--name", "Hill", "--time-zone", "Mars/Base"], "There is no time zone"),
        ([*TOKEN, "--email", "nobody@clinic.example"], "There is nobody"),
        ([*TOKEN, "--email", "alma@clinic.example", "--days", "999"], "Choose 1 to 366"),
    ],
)
def test_what_is_refused_is_refused_in_a_sentence(run, arguments, sentence):
    code, said = run(*arguments)

    assert code == 1
    assert sentence in said
    assert "Traceback" not in said


def test_of_two_clinics_with_one_name_none_is_taken_for_the_other(app, run, ada, bea):
    change(app, update(Clinic).values(name="Riverside Physiotherapy"))

    code, said = add_user(run, "--password-stdin", typed=f"{PASSWORD}\n")
    facts = ["--email", "nils@clinic.example", "--name", "Nils Berg", "--role", "therapist"]
    done, _ = run("users", "invite", "--clinic", bea.clinic_id, *facts)

    assert (code, done) == (1, 0)
    assert "Several clinics are named" in said
    assert all(clinic_id in said for clinic_id in (ada.clinic_id, bea.clinic_id))
    assert column(app, select(User.clinic_id).where(User.name == "Nils Berg")) == [bea.clinic_id]


def test_a_clinic_that_is_named_like_the_demonstration_gets_none_of_its_people(app, run, ada):
    change(app, update(Clinic).where(Clinic.id == ada.clinic_id).values(name=demo.BRAND.clinic_name))

    run("demo", "load")

    assert count(app, User, User.clinic_id == ada.clinic_id) == 4


def test_a_short_password_is_refused(run):
    code, said = add_user(run, "--password-stdin", typed="too short\n")

    assert (code, said) == (1, "Error: Take a password of 12 characters or more.\n")


def test_a_token_is_printed_once_and_works(app, alma, run):
    code, said = run(*TOKEN, "--email", "alma@clinic.example")

    with app.app_context():
        identity = accounts.identify_token(said.strip(), at=now())
    assert (code, identity.user.id) == (0, alma.id)


def counts(app):
    with app.app_context():
        return {model.__tablename__: count(app, model) for model in (Clinic, Patient, IssuedProgram, Draft)}


def test_the_demonstration_is_loaded_once(app, run):
    first = run("demo", "load")
    with app.app_context():
        counted = [count(app, model) for model in (Clinic, Patient, IssuedProgram, Draft)]
    second = run("demo", "load")

    with app.app_context():
        again = [count(app, model) for model in (Clinic, Patient, IssuedProgram, Draft)]
    assert first == second
    assert first[0] == 0
    assert "therapist@demo.example" in first[1]
    assert counted == again == [3, 6, 4, 1]


def test_the_demonstration_shows_every_state_of_a_program(app, run):
    run("demo", "load")

    with app.app_context():
        user = accounts.sign_in(email="therapist@demo.example", password=demo.PASSWORD, at=now()).user
        found = programs.find(filters=HistoryFilters(), page=1, by=user, at=now()).items
    assert {program.status for program in found} == {"current", "superseded", "withdrawn"}
    assert all("(demonstration)" in program.handout["clinic_name"] for program in found)


def test_the_demonstration_phones_nobody():
    assert demo.BRAND.phone.startswith("020 7946 0")


def test_a_sound_store_is_verified(app, alma, run):
    with app.app_context():
        an_issued_program(alma)

    assert run("verify") == (0, "All is well: 1 stored handouts are what was issued.\n")


def test_a_missing_trigger_is_found(app, run):
    name, where = ("audit_event_is_frozen", " ON audit_event") if SERVER else ("audit_event_no_delete", "")
    change(app, text(f"DROP TRIGGER {name}{where}"))

    code, said = run("verify")

    assert code == 1
    assert name in said


def test_a_damaged_handout_is_named(app, alma, run):
    with app.app_context():
        program = an_issued_program(alma)
    table = IssuedProgram.__table__
    changed = column(app, select(table.c.pdf).where(table.c.id == program.id))[0][:-1] + b"?"
    change_frozen(app, table.update().where(table.c.id == program.id).values(pdf=changed))

    code, said = run("verify")

    assert code == 1
    assert f"The stored handout of {program.number}, version 1, is not what was issued." in said


def test_migrating_a_database_that_is_up_to_date_changes_nothing(app, run):
    assert run("migrate")[0] == 0
    with app.app_context():
        assert count(app, AuditEvent) == len(CAST)
