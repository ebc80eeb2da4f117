"""The one place that asks what time it is. Services take the answer as an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)
