"""The tables with sealed columns."""

from typing import Any

from app.models import Base
from app.models.sealed import sealed_in
from app.models.triggers import FROZEN

Model = type[Any]

_models = sorted((mapper.class_ for mapper in Base.registry.mappers), key=lambda model: model.__name__)
SEALED_TABLES: tuple[Model, ...] = tuple(model for model in _models if sealed_in(model))
CHANGEABLE = tuple(model for model in SEALED_TABLES if model not in FROZEN)
"""Those whose rows may be sealed again under another key."""
