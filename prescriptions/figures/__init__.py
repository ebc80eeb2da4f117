"""The pictures: a file of poses becomes one SVG, mirrored for the prescribed leg. Same input, same bytes."""

from prescriptions.figures.film import Film
from prescriptions.figures.picture import count, describe, draw, film, sources

__all__ = ["Film", "count", "describe", "draw", "film", "sources"]
