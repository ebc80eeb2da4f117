"""How a clinic reaches the prescriptions: pages, API and commands over one layer of services."""

from flask import Flask

from app import (
    api,
    audited,
    cli,
    cli_audit,
    cli_policy,
    cli_provider,
    database,
    edges,
    json_provider,
    logs,
    pages,
    problems,
    security,
    signatures,
)
from app.config import ROOT, Config
from app.models.sealed import DATA_KEYS
from app.services import addresses, audit_anchor, catalogue, keys, mail, renewal
from app.services.addresses import Reach


def create_app(config: Config) -> Flask:
    """The application. Raises PackError when the catalogue is not sound."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"))
    app.json = json_provider.StrictJson(app)
    app.config.from_mapping(edges.settings() | security.settings(config))
    equip(config)
    database.init_app(app, config, prepare=keys.load)
    logs.init_app(app)
    edges.init_app(app, config)
    signatures.init_app(app)
    security.init_app(app)
    pages.register(app)
    api.register(app)
    problems.init_app(app)
    cli.register(app)
    cli_audit.register(app)
    cli_policy.register(app)
    cli_provider.register(app)
    audited.init_app(app)
    return app


def equip(config: Config) -> None:
    """Give this process what no application holds by itself: the catalogue, the keys, the anchor, the ways out."""
    catalogue.pack()
    keys.install(config.keyring)
    DATA_KEYS.reload = renewal.reload_data_keys
    audit_anchor.install(config.audit_anchor)
    mail.install(config.post)
    addresses.install(Reach(is_local=config.is_local, private_hosts=frozenset(config.private_providers)))
