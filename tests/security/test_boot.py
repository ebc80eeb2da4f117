"""The service stays closed where anything is unsafe, and says why in one sentence."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from app import boot, create_app
from app.config import ROOT, Config, ConfigError
from tests.conftest import SECRET, config_for, hang_up
from tests.databases import owners_engine

HTTPS = {"base_url": "https://clinic.example", "trusted_hosts": ("clinic.example",), "secure_cookies": True}


@pytest.fixture
def doubts(url):
    """What is doubted of the service with these settings."""

    def doubted(environ=None, **changes):
        config = config_for(url, **changes)
        app = create_app(config_for(url))
        with app.app_context():
            found = list(boot.doubts(app, config, environ or {}))
            hang_up()
        return found

    return doubted


def change(url, *statements):
    engine = owners_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize("changes", [{}, HTTPS], ids=["on one machine", "behind https"])
def test_a_service_as_it_should_be_is_open(doubts, changes):
    assert doubts(**changes) == []


@pytest.mark.asvs("13.4.2")
@pytest.mark.parametrize("value", ["1", "true", "on"])
def test_nobody_is_served_while_debugging(doubts, value):
    assert "FLASK_DEBUG is on" in doubts({"FLASK_DEBUG": value})[0]


@pytest.mark.asvs("12.2.1")
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            HTTPS | {"base_url": "http://clinic.example"},
            "HOLDWELL_BASE_URL is http://clinic.example, but sign-ins need",
        ),
        (HTTPS | {"secure_cookies": False}, "HOLDWELL_SECURE_COOKIES is false"),
        ({"base_url": "http://192.0.2.7", "trusted_hosts": ("192.0.2.7",)}, "HOLDWELL_SECURE_COOKIES is false"),
        (HTTPS | {"trusted_hosts": ("other.example",)}, "HOLDWELL_TRUSTED_HOSTS lacks clinic.example"),
    ],
)
def test_cookies_do_not_travel_in_the_clear_and_links_lead_back(doubts, changes, sentence):
    (found,) = doubts(**changes)

    assert found.startswith(sentence)


@pytest.mark.asvs("12.3.1", "12.3.2")
@pytest.mark.parametrize(
    ("address", "is_refused"),
    {
        "another machine": ("postgresql+psycopg://a:b@db.clinic.example/holdwell", True),
        "encrypted, to whoever answers": ("postgresql+psycopg://a:b@db/holdwell?sslmode=require", True),
        "one of two": ("postgresql+psycopg://a:b@/holdwell?host=/run/postgresql,db", True),
        "verified": ("postgresql+psycopg://a:b@db/holdwell?sslmode=verify-full", False),
        "a socket": ("postgresql+psycopg://a:b@/holdwell?host=/run/postgresql", False),
        "the usual socket": ("postgresql+psycopg:///holdwell", False),
        "this machine": ("postgresql+psycopg://a:b@127.0.0.1/holdwell", False),
    }.values(),
    ids=ascii,
)
def test_a_database_elsewhere_is_reached_by_verified_tls_only(url, address, is_refused):
    config = replace(config_for(url), database_url=address)

    assert any("verified TLS" in sentence for sentence in boot.of_addresses(config)) is is_refused


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o644, 0o666])
@pytest.mark.parametrize("setting", ["audit_anchor", "database_url"])
def test_what_is_for_the_service_alone_is_closed_to_others(url, open_folder, setting, mode):
    path = open_folder / "file"
    path.touch()
    config = replace(config_for(url), **{setting: path if setting == "audit_anchor" else f"sqlite:///{path}"})

    path.chmod(mode)
    found = "".join(boot.of_files(config))
    path.chmod(0o640)

    assert found.startswith("Other users of this machine can open")
    assert str(path) in found
    assert list(boot.of_files(config)) == []


def test_a_key_file_that_others_can_read_is_refused(environ):
    Path(environ["HOLDWELL_KEYS"]).chmod(0o604)

    with pytest.raises(ConfigError, match="can be opened by others"):
        Config.from_environ(environ)


def test_a_damaged_key_file_is_refused_in_a_sentence_that_holds_no_key(environ):
    path = Path(environ["HOLDWELL_KEYS"])
    path.write_text(path.read_text()[:-20])

    with pytest.raises(ConfigError, match="Line 3 of the key file") as refusal:
        Config.from_environ(environ)

    keys = [line.split()[2] for line in path.read_text().splitlines()]
    assert not [key for key in keys if key in str(refusal.value)]


def test_a_closed_folder_closes_what_is_in_it(url, open_folder):
    path = open_folder / "anchor"
    path.touch(0o666)
    open_folder.chmod(0o750)

    assert list(boot.of_files(replace(config_for(url), audit_anchor=path))) == []


@pytest.mark.asvs("13.2.3", "13.3.1")
@pytest.mark.parametrize(
    "key",
    [
        "",
        "x" * 31,
        "x" * 64,
        "abcdefgh" * 4,
        "0123456789abcdef" * 2,
        "abcdefghijklmnopqrstuvwxyz012345",
        "please-change-me-please-change-me-now",
        "an-example-of-a-secret-key-of-a-clinic",
    ],
)
@pytest.mark.parametrize("name", ["HOLDWELL_SECRET_KEY", "HOLDWELL_SECRET_KEY_FALLBACKS"])
def test_a_key_that_can_be_guessed_is_refused_and_not_repeated(name, key):
    given = key if name == "HOLDWELL_SECRET_KEY" else f"{SECRET},{key}"

    with pytest.raises(ConfigError, match=f"^{name} ") as refusal:
        Config.from_environ({"HOLDWELL_SECRET_KEY": SECRET, "HOLDWELL_KEYS": "/nowhere"} | {name: given})

    assert not key or key not in str(refusal.value)


def run(environ, *command):
    done = subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, "-m", *command], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_a_command_with_a_bad_setting_ends_with_a_sentence(environ):
    code, said = run(environ | {"HOLDWELL_SECRET_KEY": "short"}, "flask", "--app", "wsgi", "verify")

    assert code == boot.EXIT_STATUS
    assert said == "Holdwell does not start: HOLDWELL_SECRET_KEY must have 32 characters or more; it has 5.\n"


@pytest.mark.parametrize(
    ("environ", "arguments", "is_so"),
    [
        ({}, ["gunicorn", "wsgi:app"], True),
        ({"FLASK_RUN_FROM_CLI": "true"}, ["flask", "--app", "wsgi", "run"], True),
        ({"FLASK_RUN_FROM_CLI": "true"}, ["flask", "--app", "wsgi", "migrate"], False),
        ({"FLASK_RUN_FROM_CLI": "true"}, ["flask", "--app", "wsgi", "verify"], False),
    ],
    ids=lambda one: one[-1] if isinstance(one, list) else "",
)
def test_only_who_serves_is_kept_from_it(environ, arguments, is_so):
    assert boot.is_serving(environ, arguments) is is_so


def test_the_server_gives_up_at_once_with_a_sentence(url, environ):
    change(url, "UPDATE alembic_version SET version_num = '9999'")

    code, said = run(environ, "gunicorn", "--bind", "127.0.0.1:0", "wsgi:app")

    assert code == boot.EXIT_STATUS
    assert said.count("Holdwell does not start: The database was made by another version") == 1
    assert "Traceback" not in said


def test_a_key_that_was_in_use_before_still_opens_its_forms(url):
    with_old, with_new = (
        create_app(config_for(url)),
        create_app(replace(config_for(url), secret_key="another-key-of-the-clinic-9f2c", former_secret_keys=(SECRET,))),
    )
    old, new = with_old.test_client(), with_new.test_client()
    page = old.get("/sign-in").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    new.set_cookie("holdwell-form", old.get_cookie("holdwell-form").value)

    answer = new.post("/sign-in", data={"csrf_token": token})
    for app in (with_old, with_new):
        with app.app_context():
            hang_up()

    assert answer.status_code == 422
    assert "Enter your password" in answer.text
