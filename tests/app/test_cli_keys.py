"""Commands for the master keys: what they do to the file, and what they say."""

import base64

import pytest

from app import create_app, keyring
from app.services import keys
from tests.builders import a_patient
from tests.conftest import KEYRING, config_for, hang_up


@pytest.fixture
def path(tmp_path):
    """A file with the keys of the tests."""
    path = tmp_path / "keys"
    lines = [f"{purpose} 1 {base64.b64encode(numbered[1]).decode()}\n" for purpose, numbered in KEYRING.keys.items()]
    path.write_text("".join(lines))
    path.chmod(0o600)
    return path


@pytest.fixture
def run(url, path, tmp_path):
    """Runs a command in a process of its own, as far as the keys go; what it printed comes with its exit code."""

    def command(*arguments):
        anchor = tmp_path / "audit-anchor.jsonl"
        app = create_app(config_for(url, keyring=keyring.read(path), audit_anchor=anchor))
        result = app.test_cli_runner().invoke(args=["keys", *arguments])
        with app.app_context():
            hang_up()
        return result.exit_code, result.output

    yield command
    keys.install(KEYRING)


def test_at_first_every_key_is_needed(run):
    assert run("check") == (0, "fields 1: needed\nindex 1: needed\naudit 1: needed\n")


def test_from_a_new_key_to_the_day_when_the_old_one_can_go(app, alma, run, path):
    with app.app_context():
        a_patient(alma)

    code, said = run("add", "fields")
    assert (code, "Added key 2 for fields" in said) == (0, True)
    assert "fields 1: needed\nfields 2: needed\n" in run("check")[1]

    code, said = run("renew")
    assert (code, said.startswith("2 clinics have a new data key;")) == (0, True)
    assert run("check")[1].startswith("fields 1: not needed any more\nfields 2: needed\n")

    path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if "fields 1 " not in line))
    assert run("check")[1].startswith("fields 2: needed\nindex 1")


def test_a_second_call_finds_nothing_to_do(run):
    run("add", "fields")
    run("renew")

    code, said = run("renew")

    assert code == 0
    assert said.startswith("0 clinics have a new data key; 0 rows were sealed again.")


def test_a_lost_key_is_named_in_a_sentence(run, path):
    path.write_text(path.read_text().replace("fields 1 ", "fields 2 "))

    assert run("renew") == (1, "Error: The key file has no key 1 for fields. Put the lost line back.\n")


def test_the_index_key_has_no_successor(run, path):
    before = path.read_text()

    code, _ = run("add", "index")

    assert code == 2
    assert path.read_text() == before


def test_a_file_that_others_can_open_gets_no_new_key(app, path):
    keys.install(keyring.read(path))
    path.chmod(0o644)
    before = path.read_text()

    result = app.test_cli_runner().invoke(args=["keys", "add", "fields"])
    keys.install(KEYRING)

    assert (result.exit_code, "chmod 600" in result.output) == (1, True)
    assert path.read_text() == before


def test_keys_that_come_from_no_file_can_not_be_added_to(app):
    result = app.test_cli_runner().invoke(args=["keys", "add", "audit"])

    assert (result.exit_code, result.output) == (1, "Error: These keys come from no file.\n")
