"""Settings, read once from the environment and refused by name and value where they are wrong."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app import keyring
from app.keyring import Keyring, KeyringError
from app.post import OFF, Post, PostError, post_of

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: templates, migrations and the default database stand below it."""

SECRET_KEY_LENGTH = 32
EXAMPLES = ("changeme", "change-me", "change_me", "replace-me", "replace_me", "example", "your-secret", "your_secret")
"""What a key out of a manual says."""
BASE_URL, DATABASE_ROLE = "http://localhost:8000", "holdwell_app"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""How this very machine is called."""
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
    """HOLDWELL_SECRET_KEY, required, 32 random characters or more: signs form tokens; no sign-in depends on it."""
    database_url: str
    """DATABASE_URL: sqlite or postgresql. A relative SQLite path starts at the checkout."""
    keyring: Keyring
    """HOLDWELL_KEYS: the file of master keys, beside the database and never in it."""
    audit_anchor: Path
    """HOLDWELL_AUDIT_ANCHOR: the file outside the database that holds the end of each clinic's audit trail."""
    base_url: str = BASE_URL
    """HOLDWELL_BASE_URL: where people reach the service. Links in mails, passkeys and sign-ins elsewhere rest on it."""
    owner_database_url: str = ""
    """HOLDWELL_OWNER_DATABASE_URL: on PostgreSQL, the same database for whom it belongs to. The command line needs it
    for what concerns the whole installation; the service itself needs it not, and should not know it.
    """
    database_role: str = DATABASE_ROLE
    """HOLDWELL_DATABASE_ROLE: on PostgreSQL, whom the service signs in as. It owns nothing."""
    former_secret_keys: tuple[str, ...] = ()
    """HOLDWELL_SECRET_KEY_FALLBACKS, comma-separated: keys that were in use before and are still taken for a while, so
    that a new key spoils no form that is open.
    """
    post: Post = OFF
    """HOLDWELL_SMTP and HOLDWELL_MAIL_FROM, or HOLDWELL_MAIL_FOLDER: where mails go. Without any, none leaves."""
    secure_cookies: bool = True
    """HOLDWELL_SECURE_COOKIES: false only where browser and service stand on one machine, without https."""
    trusted_hosts: tuple[str, ...] = ("localhost", "127.0.0.1")
    """HOLDWELL_TRUSTED_HOSTS, comma-separated: the names this service answers to. Any other Host is refused."""
    proxies: int = 0
    """HOLDWELL_PROXIES: how many proxies stand before the service, each of which adds to X-Forwarded-For. With none,
    what a request says of where it comes from is not believed.
    """

    private_providers: tuple[str, ...] = ()
    """HOLDWELL_PRIVATE_PROVIDERS, comma-separated: host names of identity providers inside a network of one's own. What
    is not named here is asked only on the public net.
    """

    @property
    def is_local(self) -> bool:
        """Whether people reach the service on the loopback: on this very machine, to try it out."""
        return urlsplit(self.base_url).hostname in LOOPBACK

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Config":
        """Read the settings; raises ConfigError for the first that is missing or wrong."""
        return cls(
            secret_key=_secret_key(environ.get("HOLDWELL_SECRET_KEY", "")),
            former_secret_keys=_former_keys(environ.get("HOLDWELL_SECRET_KEY_FALLBACKS", "")),
            database_url=database_url(environ),
            keyring=_keyring(environ.get("HOLDWELL_KEYS", "")),
            audit_anchor=ROOT / environ.get("HOLDWELL_AUDIT_ANCHOR", "var/audit-anchor.jsonl"),
            base_url=_base_url(environ.get("HOLDWELL_BASE_URL", BASE_URL)),
            owner_database_url=_address(environ, "HOLDWELL_OWNER_DATABASE_URL", ""),
            database_role=environ.get("HOLDWELL_DATABASE_ROLE", DATABASE_ROLE),
            post=_post(environ),
            secure_cookies=_switch("HOLDWELL_SECURE_COOKIES", environ.get("HOLDWELL_SECURE_COOKIES", "true")),
            trusted_hosts=_hosts(environ.get("HOLDWELL_TRUSTED_HOSTS", "localhost,127.0.0.1")),
            proxies=_proxies(environ.get("HOLDWELL_PROXIES", "0")),
            private_providers=_private_providers(environ.get("HOLDWELL_PRIVATE_PROVIDERS", "")),
        )


def _secret_key(value: str, name: str = "HOLDWELL_SECRET_KEY") -> str:
    # The one kind of value that is not repeated in its refusal: it would end up in a log.
    if len(value) < SECRET_KEY_LENGTH:
        raise ConfigError(name, f"must have {SECRET_KEY_LENGTH} characters or more; it has {len(value)}.")
    if any(word in value.lower() for word in EXAMPLES):
        raise ConfigError(name, "is an example that others know; take a random one.")
    if _is_monotonous(value):
        raise ConfigError(name, "repeats a few characters; take a random one.")
    return value


def _is_monotonous(value: str) -> bool:
    """Whether it is made of few characters, of a piece over and over, or of a run like abcdefgh."""
    steps = bytes((ord(after) - ord(before)) % 256 for before, after in pairwise(value))
    shortest = min(len(zlib.compress(text, 9)) for text in (value.encode("utf-8", "replace"), steps))
    return len(set(value)) < SECRET_KEY_LENGTH // 4 or shortest < SECRET_KEY_LENGTH


def _former_keys(value: str) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in value.split(",")) if value.strip() else ()
    return tuple(_secret_key(key, "HOLDWELL_SECRET_KEY_FALLBACKS") for key in keys)


def database_url(environ: Mapping[str, str]) -> str:
    """DATABASE_URL in full, for those who need nothing but the database; raises ConfigError."""
    return _address(environ, "DATABASE_URL", "sqlite:///var/holdwell.db")


def owner_database_url(environ: Mapping[str, str]) -> str:
    """The address to migrate at: the owner's where there is one; raises ConfigError."""
    return _address(environ, "HOLDWELL_OWNER_DATABASE_URL", "") or database_url(environ)


def _address(environ: Mapping[str, str], name: str, default: str) -> str:
    value = environ.get(name, default)
    if not value and not default:
        return ""
    try:
        url = make_url(value)
    except ArgumentError as error:
        raise ConfigError(name, "is not a database address.") from error
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        raise ConfigError(name, f"must be sqlite or postgresql, not {url.get_backend_name()!r}.")
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if not url.database or url.database == ":memory:":
        raise ConfigError(name, f"must name a file, not {value!r}: programs have to outlive the service.")
    return url.set(database=str(ROOT / url.database)).render_as_string(hide_password=False)


def _keyring(path: str) -> Keyring:
    if not path:
        raise ConfigError("HOLDWELL_KEYS", "must name the file of the master keys; the README says how to make one.")
    try:
        return keyring.read(ROOT / path)
    except KeyringError as error:
        raise ConfigError("HOLDWELL_KEYS", f"can't be used: {error}") from error


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ConfigError("HOLDWELL_BASE_URL", f"must be an address like https://holdwell.example, not {value!r}.")
    return value.rstrip("/")


def _post(environ: Mapping[str, str]) -> Post:
    server, sender = environ.get("HOLDWELL_SMTP", ""), environ.get("HOLDWELL_MAIL_FROM", "")
    try:
        return post_of(server=server, sender=sender, folder=environ.get("HOLDWELL_MAIL_FOLDER", ""))
    except PostError as error:
        raise ConfigError(error.setting, error.problem) from error


def _switch(name: str, value: str) -> bool:
    if value.lower() not in TRUE + FALSE:
        raise ConfigError(name, f"must be true or false, not {value!r}.")
    return value.lower() in TRUE


def _proxies(value: str) -> int:
    if value not in ("0", "1", "2", "3"):
        raise ConfigError("HOLDWELL_PROXIES", f"must be a number from 0 to 3, not {value!r}.")
    return int(value)


def _hosts(value: str, name: str = "HOLDWELL_TRUSTED_HOSTS") -> tuple[str, ...]:
    hosts = tuple(host.strip() for host in value.split(","))
    for host in hosts:
        if not host or "*" in host or "/" in host or " " in host:
            raise ConfigError(name, f"must be host names parted by commas, not {value!r}.")
    return hosts


def _private_providers(value: str) -> tuple[str, ...]:
    hosts = _hosts(value, "HOLDWELL_PRIVATE_PROVIDERS") if value.strip() else ()
    return tuple(host.lower() for host in hosts)
