"""The key file: read whole or refused in a sentence, and nobody's but the service's."""

import re

import pytest

from app import keyring
from app.config import Config, ConfigError
from app.keyring import KeyringError


@pytest.fixture
def path(tmp_path):
    """A first key file."""
    keyring.make(tmp_path / "keys")
    return tmp_path / "keys"


def refusal(path):
    with pytest.raises(KeyringError) as found:
        keyring.read(path)
    return str(found.value)


def test_a_first_file_has_one_key_for_each_purpose_and_is_for_its_owner_alone(path):
    found = keyring.read(path)

    assert {purpose: list(keys) for purpose, keys in found.keys.items()} == {"fields": [1], "index": [1], "audit": [1]}
    assert path.stat().st_mode & 0o777 == 0o600
    assert len({key for keys in found.keys.values() for key in keys.values()}) == 3


def test_a_file_that_is_there_is_not_made_anew(path):
    before = path.read_text()

    with pytest.raises(KeyringError):
        keyring.make(path)

    assert path.read_text() == before


@pytest.mark.asvs("13.3.1", "13.3.2")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_file_that_others_can_open_is_refused(path, mode):
    path.chmod(mode)

    assert "can be opened by others" in refusal(path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda text: text.replace("audit", "odd"), "Line 3 .* is no purpose"),
        (lambda text: text.replace("index 1", "index one"), "Line 2 .* is no purpose"),
        (lambda text: text.replace("fields 1 ", "fields 1 A"), "Line 1 .* is no purpose"),
        (lambda text: text + text.splitlines()[0] + "\n", "Line 4 .* gives key 1 for fields once more"),
        (lambda text: text.splitlines()[0] + "\n", "has no key for index, audit"),
        (lambda _text: "", "has no key for fields, index, audit"),
        (lambda text: text + "é", "can't be read"),
    ],
)
def test_a_file_that_is_not_whole_is_refused_with_its_line(path, change, sentence):
    path.write_text(change(path.read_text()))

    assert re.search(sentence, refusal(path))


def test_a_refusal_repeats_no_key(path):
    secret = path.read_text().split()[2]
    path.write_text(path.read_text().replace("fields 1", "fields x"))

    assert secret[:10] not in refusal(path)


def test_the_service_does_not_start_without_its_keys(tmp_path):
    environ = {"HOLDWELL_SECRET_KEY": "not-a-secret-but-long-enough-for-tests"}

    with pytest.raises(ConfigError, match="HOLDWELL_KEYS"):
        Config.from_environ(environ)
    with pytest.raises(ConfigError, match=r"HOLDWELL_KEYS can't be used: The key file .*keys can't be read"):
        Config.from_environ(environ | {"HOLDWELL_KEYS": str(tmp_path / "keys")})


def test_a_new_key_comes_after_the_others_and_leaves_them_alone(path):
    before = keyring.read(path)
    path.write_text(path.read_text().rstrip("\n"))

    assert keyring.add(path, "fields") == 2

    after = keyring.read(path)
    assert after.newest("fields") == 2
    assert after.keys["fields"][1] == before.keys["fields"][1]
    assert after.keys["audit"] == before.keys["audit"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_that_the_file_has_lost_is_named(path):
    with pytest.raises(KeyringError, match="no key 7 for audit"):
        keyring.read(path).key("audit", 7)


def test_keys_do_not_show_when_they_are_printed(path):
    found = keyring.read(path)

    assert str(found.keys["fields"][1]) not in repr(found)


def test_a_blind_index_depends_on_every_part_and_on_the_border_between_them(path):
    found = keyring.read(path)

    assert len({found.blind("a", "bc"), found.blind("ab", "c"), found.blind("abc"), found.blind("a", "bd")}) == 4
    assert found.blind("a", "bc") == found.blind("a", "bc")


def test_without_the_key_nobody_makes_a_blind_index(path, tmp_path):
    keyring.make(tmp_path / "another")

    assert keyring.read(path).blind("alma@clinic.example") != keyring.read(tmp_path / "another").blind(
        "alma@clinic.example"
    )
