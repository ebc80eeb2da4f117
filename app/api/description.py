"""What the OpenAPI description says beyond what the schemas say."""

from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields

from prescriptions.program_fields import Choice, Choices, IsoDate, Text, Whole

SPECIFICATION = {
    "API_TITLE": "Holdwell",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "API_SPEC_OPTIONS": {
        "info": {"description": "Check, issue and read exercise programs. Errors are problem details, RFC 9457."},
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "__Host-holdwell",
                    "description": "A signed-in browser. What changes anything also needs the header X-CSRFToken.",
                },
            }
        },
        "security": [{"token": []}, {"session": []}],
    },
}


def marshmallow_plugin() -> MarshmallowPlugin:
    """The plugin that turns schemas into JSON Schema, with the fields of the program file."""
    return DescribingPlugin(schema_name_resolver=_name)


class DescribingPlugin(MarshmallowPlugin):
    """Knows our own fields."""

    def init_spec(self, spec: Any) -> None:  # noqa: ANN401 - apispec's own
        """Add what our fields say to every property."""
        super().init_spec(spec)
        if self.converter is not None:
            self.converter.add_attribute_function(_own_field)  # type: ignore[no-untyped-call]  # apispec's own


def _own_field(_converter: object, field: fields.Field[Any], **_: object) -> dict[str, Any]:
    match field:
        case Whole():
            return {"type": "integer", "minimum": field.low, "maximum": field.high}
        case Choice():
            return {"type": "string", "enum": list(field.choices)}
        case Choices():
            items = {"type": "string", "enum": list(field.choices)}
            return {"type": "array", "items": items, "uniqueItems": True}
        case Text():
            return {"type": "string", "maxLength": field.longest}
        case IsoDate():
            return {"type": "string", "format": "date"}
    return {}


def _name(schema: Any) -> str:  # noqa: ANN401 - a schema, its class, or its name
    """The component's name; none for a schema that was put together at run time, which is written out in place."""
    kind = schema if isinstance(schema, type) else type(schema)
    if not issubclass(kind, Schema) or kind.__name__ == "GeneratedSchema":
        return ""
    return kind.__name__
