"""Settings, read once from the environment and refused by name and value where they are wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: templates, migrations and the default database stand below it."""

SECRET_KEY_LENGTH = 32
TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class ConfigError(Exception):
    """A setting that the service refuses to start with."""

    def __init__(self, name: str, problem: str) -> None:
        """Name the environment variable and say what is wrong with it."""
        super().__init__(f"{name} {problem}")


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that differs between two installations."""

    secret_key: str
    """HOLDWELL_SECRET_KEY, required, 32 characters or more: signs form tokens; no sign-in depends on it."""
    database_url: str
    """DATABASE_URL: sqlite or postgresql. A relative SQLite path starts at the checkout."""
    secure_cookies: bool = True
    """HOLDWELL_SECURE_COOKIES: false only where browser and service stand on one machine, without https."""
    trusted_hosts: tuple[str, ...] = ("localhost", "127.0.0.1")
    """HOLDWELL_TRUSTED_HOSTS, comma-separated: the names this service answers to. Any other Host is refused."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Config":
        """Read the settings; raises ConfigError for the first that is missing or wrong."""
        return cls(
            secret_key=_secret_key(environ.get("HOLDWELL_SECRET_KEY", "")),
            database_url=database_url(environ),
            secure_cookies=_switch("HOLDWELL_SECURE_COOKIES", environ.get("HOLDWELL_SECURE_COOKIES", "true")),
            trusted_hosts=_hosts(environ.get("HOLDWELL_TRUSTED_HOSTS", "localhost,127.0.0.1")),
        )


def _secret_key(value: str) -> str:
    if len(value) < SECRET_KEY_LENGTH:
        # The one value that is not repeated in its refusal: it would end up in a log.
        raise ConfigError(
            "HOLDWELL_SECRET_KEY", f"must have {SECRET_KEY_LENGTH} characters or more; it has {len(value)}."
        )
    if len(set(value)) < SECRET_KEY_LENGTH // 4:
        raise ConfigError("HOLDWELL_SECRET_KEY", "repeats a few characters; take a random one.")
    return value


def database_url(environ: Mapping[str, str]) -> str:
    """DATABASE_URL in full, for those who need nothing but the database; raises ConfigError."""
    value = environ.get("DATABASE_URL", "sqlite:///var/holdwell.db")
    try:
        url = make_url(value)
    except ArgumentError as error:
        raise ConfigError("DATABASE_URL", "is not a database address.") from error
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        raise ConfigError("DATABASE_URL", f"must be sqlite or postgresql, not {url.get_backend_name()!r}.")
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if not url.database or url.database == ":memory:":
        raise ConfigError("DATABASE_URL", f"must name a file, not {value!r}: programs have to outlive the service.")
    return url.set(database=str(ROOT / url.database)).render_as_string(hide_password=False)


def _switch(name: str, value: str) -> bool:
    if value.lower() not in TRUE + FALSE:
        raise ConfigError(name, f"must be true or false, not {value!r}.")
    return value.lower() in TRUE


def _hosts(value: str) -> tuple[str, ...]:
    hosts = tuple(host.strip() for host in value.split(","))
    for host in hosts:
        if not host or "*" in host or "/" in host or " " in host:
            raise ConfigError("HOLDWELL_TRUSTED_HOSTS", f"must be host names parted by commas, not {value!r}.")
    return hosts
