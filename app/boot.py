"""What has to be true before anybody is served. Each doubt is one sentence, and the first keeps the service closed."""

import logging
import resource
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from app import logs
from app.config import LOOPBACK, ROOT, Config
from app.database import SQLITE_PRAGMAS, db
from app.models.triggers import missing_triggers
from app.models.walls_check import missing_walls
from app.services import printing

EXIT_STATUS = 3
"""gunicorn gives up at a worker that ends with it; at any other it would start the next, for ever."""

ANSWERS_FOR = {
    "foreign_keys": "references between rows are not held",
    "journal_mode": "readers and the writer would wait for each other",
    "recursive_triggers": "issued programs could be replaced",
    "synchronous": "a power cut could take back what was acknowledged",
}
"""What goes wrong where SQLite does not keep a setting of ours."""

_log = logging.getLogger(__name__)


def refuse(sentence: str) -> NoReturn:
    """Stay closed, with one sentence on standard error and no traceback."""
    sys.stderr.write(f"Holdwell does not start: {sentence}\n")
    raise SystemExit(EXIT_STATUS)


def is_serving(environ: Mapping[str, str], arguments: Sequence[str]) -> bool:
    """Whether requests will be served. Commands must run where the service won't: one of them may be the remedy."""
    return "FLASK_RUN_FROM_CLI" not in environ or "run" in arguments


def open_for_requests(app: Flask, config: Config, environ: Mapping[str, str]) -> None:
    """Refuse to start where anything is wrong; else log as the service does, and leave no core dumps."""
    with app.app_context():
        found = next(doubts(app, config, environ), None)
        db.engine.dispose()  # a server that forks after this must not share a connection
    if found is not None:
        refuse(found)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold patients' data
    logs.install()
    _log.info("ready")


def doubts(app: Flask, config: Config, environ: Mapping[str, str]) -> Iterator[str]:
    """Everything that is wrong, a sentence each. Inside an application context."""
    if app.debug or environ.get("FLASK_DEBUG", "0").lower() not in {"", "0", "false", "no"}:
        yield "FLASK_DEBUG is on: it would show code and data to whoever finds an error. Take it away."
    yield from of_addresses(config)
    yield from of_files(config)
    yield from of_database(db.engine, config.database_role)
    yield from printing.doubts()


def of_addresses(config: Config) -> Iterator[str]:
    """Whether cookies and sign-ins travel safely, and links lead back here."""
    base = urlsplit(config.base_url)
    is_local = base.hostname in LOOPBACK
    if config.secure_cookies and base.scheme != "https":
        yield f"HOLDWELL_BASE_URL is {config.base_url}, but sign-ins need https. Give the https address."
    if not config.secure_cookies and not (base.scheme == "http" and is_local):
        yield f"HOLDWELL_SECURE_COOKIES is false, which is for this machine alone; people come to {config.base_url}."
    if base.hostname not in config.trusted_hosts:
        yield f"HOLDWELL_TRUSTED_HOSTS lacks {base.hostname}, the host of HOLDWELL_BASE_URL."
    yield from _of_database_address(config.database_url)


def _of_database_address(address: str) -> Iterator[str]:
    url = make_url(address)
    if url.get_backend_name() != "postgresql" or url.query.get("sslmode") == "verify-full":
        return
    given = url.query.get("host") or url.host or ""
    hosts = ",".join([given] if isinstance(given, str) else given).split(",")
    if not all(_is_this_machine(host) for host in hosts):
        yield "DATABASE_URL leads to another machine without verified TLS. Add ?sslmode=verify-full to it."


def _is_this_machine(host: str) -> bool:
    # Nothing, a path and an @ are sockets.
    return not host or host in LOOPBACK or host.startswith(("/", "@"))


def of_files(config: Config) -> Iterator[str]:
    """Whether others on this machine can open what is for the service alone. The key file was refused before."""
    files = {"the audit anchor": config.audit_anchor}
    url = make_url(config.database_url)
    if url.get_backend_name() == "sqlite":
        files["the database"] = Path(url.database or "")
    for name, path in files.items():
        if path.is_file() and is_open_to_others(path):
            yield f"Other users of this machine can open {name}, {path}. Close it: chmod o= {path}"


def is_open_to_others(path: Path) -> bool:
    """Whether somebody who is neither the owner nor in the group gets at the file."""
    everybody = stat.S_IROTH | stat.S_IWOTH
    can_reach = all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)
    return can_reach and bool(path.stat().st_mode & everybody)


def of_database(engine: Engine, role: str) -> Iterator[str]:
    """Whether the database is the one that this version was made for, and guards what it holds."""
    try:
        with engine.connect() as connection:
            yield from _of_version(connection)
            yield from _of_guards(connection, role)
    except SQLAlchemyError as error:
        yield f"The database can't be read ({type(error).__name__}). Look at DATABASE_URL, and whether it is running."


def _of_version(connection: Connection) -> Iterator[str]:
    scripts = ScriptDirectory.from_config(AlembicConfig(toml_file=ROOT / "pyproject.toml"))
    stands_at = MigrationContext.configure(connection).get_current_revision()
    if stands_at == scripts.get_current_head():
        return
    known = {script.revision for script in scripts.walk_revisions()}
    if stands_at is None or stands_at in known:
        yield "The database is older than this version. Bring it up: flask --app wsgi migrate"
    else:
        yield f"The database was made by another version: this one has no revision {stands_at}."


def _of_guards(connection: Connection, role: str) -> Iterator[str]:
    if connection.dialect.name == "sqlite":
        yield from _of_sqlite(connection)
    else:
        yield from _of_postgresql(connection, role)
    for name in missing_triggers(connection):
        yield f"The trigger {name} is missing or was changed. See what happened first: flask --app wsgi verify"


def _of_sqlite(connection: Connection) -> Iterator[str]:
    for name, harm in ANSWERS_FOR.items():
        value = connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
        if value != SQLITE_PRAGMAS[name]:
            yield f"SQLite has {name} at {value} where it has to be {SQLITE_PRAGMAS[name]}: {harm}."


def _of_postgresql(connection: Connection, role: str) -> Iterator[str]:
    signed_in: str = connection.exec_driver_sql("SELECT current_user").scalar_one()
    if signed_in != role:
        yield f"The service signs in to the database as {signed_in}, not as {role} (HOLDWELL_DATABASE_ROLE)."
    yield from missing_walls(connection, role)
