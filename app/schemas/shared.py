"""What all schemas share."""

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

LAST_PAGE = 100_000


class Strict(Schema):
    """Refuses what it does not know."""

    class Meta:
        """A key that is not documented is an error, never ignored."""

        unknown = RAISE


class PageNumber(fields.Integer):
    """A number in an address: plain digits. Python also takes "1_0", "+1", blanks and the digits of other scripts."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:  # noqa: ANN401 - marshmallow's own
        if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(LAST_PAGE))):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, *args, **kwargs)


class PageQuery(Strict):
    """Which page of a list."""

    page = PageNumber(load_default=1, validate=validate.Range(1, LAST_PAGE))


class SearchPage(Strict):
    """Which page of what a search finds: in a body, where it is a number."""

    page = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, LAST_PAGE))


class PageSchema(Schema):
    """The envelope of a list; subclasses add ``items``."""

    number = fields.Integer(metadata={"description": "From 1."})
    count = fields.Integer(metadata={"description": "How many pages there are."})
    total = fields.Integer(metadata={"description": "Entries on all pages."})


class ProblemSchema(Schema):
    """Problem details, RFC 9457."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata={"description": "A sentence fit to show a clinician."})
    request = fields.String(metadata={"description": "Of a fault of the service: its number in the service's log."})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Field or path to its messages, every problem at once."},
    )
