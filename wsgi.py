"""What the server and the flask command load. A setting that can't be used ends it with a sentence, not a traceback."""

import os
import sys

from flask import Flask

from app import boot, create_app
from app.config import Config, ConfigError
from prescriptions.errors import PackError


def ready() -> Flask:
    """The application; fit to be served where it is about to be."""
    try:
        config = Config.from_environ(os.environ)
        app = create_app(config)
    except (ConfigError, PackError) as error:
        boot.refuse(str(error))
    if boot.is_serving(os.environ, sys.argv):
        boot.open_for_requests(app, config, os.environ)
    return app


app = ready()
