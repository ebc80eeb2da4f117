"""The JSON API, version 1. Importing the modules registers their routes with the one blueprint."""

from flask import Flask

from app.api import blueprint, catalogue, checks, openapi, patients, programs

__all__ = ["catalogue", "checks", "openapi", "patients", "programs", "register"]


def register(app: Flask) -> None:
    """Register the API."""
    blueprint.init_app(app)
