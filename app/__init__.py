"""How a clinic reaches the prescriptions: pages, API and commands over one layer of services."""

from flask import Flask

from app import api, cli, database, json_provider, pages, problems, security
from app.config import ROOT, Config
from app.services import catalogue


def create_app(config: Config) -> Flask:
    """The application. Raises PackError when the catalogue is not sound."""
    app = Flask(__name__, template_folder=str(ROOT / "templates"))
    app.json = json_provider.StrictJson(app)
    app.config.from_mapping(security.settings(config))
    catalogue.pack()
    database.init_app(app, config)
    security.init_app(app, config)
    pages.register(app)
    api.register(app)
    problems.init_app(app)
    cli.register(app)
    return app
