"""The server with one thing wrong at a time: each time it ends, and says in one sentence what to do about it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from app import boot
from app.config import ROOT
from tests.conftest import SECRET
from tests.databases import SERVER, owners, owners_engine

START_EACH = """
import json, os, runpy, sys
import app.boot

for name, environ in json.load(sys.stdin).items():
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writing, 1), os.dup2(writing, 2), os.close(reading), os.close(writing)
        os.environ.clear()
        os.environ.update(environ)
        sys.argv = ["gunicorn", "wsgi:app"]
        try:
            runpy.run_path("wsgi.py")
        except SystemExit as end:
            sys.stderr.flush()
            os._exit(end.code)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        words = said.read()
    print(json.dumps([name, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), words]))
"""
"""Python and the application are loaded once: a server for each would take a minute."""
HTTPS = {"HOLDWELL_BASE_URL": "https://clinic.example", "HOLDWELL_TRUSTED_HOSTS": "clinic.example"}
SETTINGS = {
    "no key": {"HOLDWELL_SECRET_KEY": ""},
    "a short key": {"HOLDWELL_SECRET_KEY": "short"},
    "a key out of a manual": {"HOLDWELL_SECRET_KEY": "please-change-me-please-change-me-now"},
    "a key of one letter": {"HOLDWELL_SECRET_KEY": "x" * 64},
    "a former key of a manual": {"HOLDWELL_SECRET_KEY_FALLBACKS": "an-example-of-a-secret-key-of-a-clinic"},
    "no master keys": {"HOLDWELL_KEYS": ""},
    "master keys that are gone": {"HOLDWELL_KEYS": "/nowhere/keys"},
    "debugging": {"FLASK_DEBUG": "1"},
    "links in the clear": {"HOLDWELL_BASE_URL": "http://clinic.example", "HOLDWELL_SECURE_COOKIES": "true"},
    "cookies in the clear": HTTPS,
    "links to another host": {"HOLDWELL_BASE_URL": "http://127.0.0.1", "HOLDWELL_TRUSTED_HOSTS": "localhost"},
    "every host": {"HOLDWELL_TRUSTED_HOSTS": "*"},
    "any proxy": {"HOLDWELL_PROXIES": "99"},
    "a database over the network in the clear": {"DATABASE_URL": "postgresql://a:b@db.clinic.example/holdwell"},
    "a database in memory": {"DATABASE_URL": "sqlite:///:memory:"},
    "mails in the clear": {"HOLDWELL_SMTP": "smtp://mail.clinic.example", "HOLDWELL_MAIL_FROM": "a@clinic.example"},
}
STATEMENTS = {
    "an older database": "UPDATE alembic_version SET version_num = '0001'",
    "a newer database": "UPDATE alembic_version SET version_num = '9999'",
    "a frozen table that is not": "DROP TRIGGER issued_program_no_delete"
    if not SERVER
    else "DROP TRIGGER issued_program_is_frozen ON issued_program",
}


def started(cases: dict[str, dict[str, str]]) -> dict[str, tuple[int, str]]:
    """How the server ended in each environment, and what it said."""
    done = subprocess.run(  # noqa: S603 - our own Python and script
        [sys.executable, "-c", START_EACH],
        cwd=ROOT,
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )
    return {name: (code, said) for name, code, said in map(json.loads, done.stdout.splitlines())}


def with_files(environ: dict[str, str], folder: Path) -> dict[str, dict[str, str]]:
    """Environments whose files others can open, or that are damaged."""
    keys, anchor, database = (folder / name for name in ("keys", "anchor", "holdwell.db"))
    for path in (keys, anchor, database):
        path.touch()
        path.chmod(0o604)
    keys.write_text(Path(environ["HOLDWELL_KEYS"]).read_text())
    damaged = folder / "damaged"
    damaged.touch(0o600)
    damaged.write_text(keys.read_text()[:-20])
    open_files = {"HOLDWELL_KEYS": str(keys)}, {"HOLDWELL_AUDIT_ANCHOR": str(anchor)}
    names = "master keys for everybody", "an anchor for everybody"
    cases = dict(zip(names, open_files, strict=True))
    cases["damaged master keys"] = {"HOLDWELL_KEYS": str(damaged)}
    cases["a database for everybody"] = {"DATABASE_URL": f"sqlite:///{database}"}
    return cases


@pytest.fixture
def altered(copies):
    """A database for each statement, after it."""
    found = {}
    for place, (name, statement) in enumerate(STATEMENTS.items()):
        found[name] = copies.make(f"altered_{place}")
        engine = owners_engine(found[name])
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()
    yield found
    for place in range(len(found)):
        copies.drop(f"altered_{place}")


def sentence(said: str) -> str:
    """The one line that it said, or nothing where it said anything else."""
    told = re.fullmatch(r"Holdwell does not start: (.+)\n", said)
    return told[1] if told else ""


def test_a_service_that_would_be_unsafe_ends_with_one_sentence(environ, altered, url, open_folder):
    changes = SETTINGS | with_files(environ, open_folder)
    changes |= {name: {"DATABASE_URL": address} for name, address in altered.items()}
    changes |= {"the owner of the database": {"DATABASE_URL": owners(url)}} if SERVER else {}

    ended = started({"sound": environ} | {name: environ | change for name, change in changes.items()})

    assert ended.pop("sound")[0] == 0
    assert ended.keys() == changes.keys()
    assert {name: end for name, end in ended.items() if end[0] != boot.EXIT_STATUS or not sentence(end[1])} == {}
    told = {sentence(said) for _, said in ended.values()}
    assert [one for one in told if SECRET in one] == []
    assert len(told) >= len(changes) - 4  # of some, the fault is the same
