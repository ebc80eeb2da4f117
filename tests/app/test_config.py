"""Settings: refused at the start, by name, or not at all."""

import pytest

from app import keyring
from app.config import ROOT, Config, ConfigError

KEY = "an-ordinary-secret-key-of-a-clinic"


@pytest.fixture
def config(tmp_path):
    """Reads the settings of a clinic that has its keys, and what a test adds."""
    keyring.make(tmp_path / "keys")

    def read(**environ):
        return Config.from_environ({"HOLDWELL_SECRET_KEY": KEY, "HOLDWELL_KEYS": str(tmp_path / "keys")} | environ)

    return read


def test_only_the_keys_have_to_be_given(config, tmp_path):
    assert config() == Config(
        secret_key=KEY,
        database_url=f"sqlite:///{ROOT}/var/holdwell.db",
        keyring=keyring.read(tmp_path / "keys"),
        audit_anchor=ROOT / "var/audit-anchor.jsonl",
        secure_cookies=True,
        trusted_hosts=("localhost", "127.0.0.1"),
    )


@pytest.mark.parametrize(
    "environ", [{}, {"HOLDWELL_SECRET_KEY": ""}, {"HOLDWELL_SECRET_KEY": "x" * 31}, {"HOLDWELL_SECRET_KEY": "x" * 64}]
)
def test_a_missing_short_or_monotonous_key_is_refused_without_repeating_it(environ):
    with pytest.raises(ConfigError, match=r"^HOLDWELL_SECRET_KEY ") as refusal:
        Config.from_environ(environ)

    assert "xx" not in str(refusal.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOLDWELL_SECURE_COOKIES", "maybe"),
        ("HOLDWELL_SECURE_COOKIES", ""),
        ("HOLDWELL_PROXIES", "many"),
        ("HOLDWELL_PROXIES", "-1"),
        ("HOLDWELL_TRUSTED_HOSTS", ""),
        ("HOLDWELL_TRUSTED_HOSTS", "*.example"),
        ("HOLDWELL_TRUSTED_HOSTS", "https://clinic.example"),
        ("HOLDWELL_PRIVATE_PROVIDERS", "*.intern.example"),
        ("HOLDWELL_PRIVATE_PROVIDERS", "https://login.intern.example"),
        ("DATABASE_URL", "mysql://localhost/holdwell"),
        ("DATABASE_URL", "holdwell.db"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
    ],
)
def test_a_bad_value_is_refused_by_name(config, name, value):
    with pytest.raises(ConfigError, match=f"^{name} "):
        config(**{name: value})


def test_the_password_of_a_bad_database_address_is_not_repeated(config):
    with pytest.raises(ConfigError) as refusal:
        config(DATABASE_URL="mysql://clinic:hunter2@localhost/holdwell")

    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("value", ["false", "0", "No", "OFF"])
def test_cookies_may_travel_in_the_clear_only_when_asked_to(config, value):
    assert config(HOLDWELL_SECURE_COOKIES=value).secure_cookies is False


def test_a_relative_database_starts_at_the_checkout(config):
    assert config(DATABASE_URL="sqlite:///clinic.db").database_url == f"sqlite:///{ROOT}/clinic.db"


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_to_through_psycopg(config, scheme):
    address = config(DATABASE_URL=f"{scheme}://clinic:pw@db/holdwell").database_url

    assert address == "postgresql+psycopg://clinic:pw@db/holdwell"


def test_providers_inside_a_network_are_none_unless_they_are_named(config):
    named = config(HOLDWELL_PRIVATE_PROVIDERS="Login.intern.example, sso.example")

    assert config().private_providers == ()
    assert named.private_providers == ("login.intern.example", "sso.example")


def test_several_hosts_are_parted_by_commas(config):
    assert config(HOLDWELL_TRUSTED_HOSTS="a.example, b.example").trusted_hosts == ("a.example", "b.example")
