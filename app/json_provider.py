"""JSON as it comes in: what has two meanings, or none, is refused. As it goes out, in the order we give."""

import json
from typing import Any

from flask.json.provider import DefaultJSONProvider


class StrictJson(DefaultJSONProvider):
    """Refuses doubled keys, NaN and Infinity, and nesting that Python gives up on. A ValueError becomes a 400."""

    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:  # noqa: ANN401 - JSON is anything
        """Read JSON."""
        del kwargs
        try:
            return json.loads(s, object_pairs_hook=_object, parse_constant=_refuse_constant)
        except RecursionError as error:
            raise ValueError("The JSON is nested too deep.") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A key stands twice.")
    return found


def _refuse_constant(name: str) -> Any:  # noqa: ANN401 - never returns
    raise ValueError(f"{name} is not JSON.")
