"""Commands for whoever looks after the service: ``flask --app wsgi --help``."""

from flask import Flask


def register(app: Flask) -> None:
    """Add the commands to ``app``."""
    del app
