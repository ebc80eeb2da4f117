"""The pictures: a file of poses becomes one SVG, mirrored for the prescribed leg. Same input, same bytes."""

from prescriptions.figures.picture import describe, draw, sources

__all__ = ["describe", "draw", "sources"]
