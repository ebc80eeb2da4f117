"""The one gateway for text that people type: what could hide, reorder or break what is read later does not come in."""

import re

_REFUSED = re.compile(
    "(?P<surrogate>[\ud800-\udfff])"
    "|(?P<bidi>[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])"
    "|(?P<control>[\x00-\x1f\x7f-\x9f\u2028\u2029])"
    "|(?P<noncharacter>[\ufdd0-\ufdef\ufffe\uffff])"
)
_REASONS = {
    "surrogate": "Holds half a character (a lone surrogate).",
    "bidi": "Holds an invisible character that changes the direction of the text.",
    "control": "Holds a control character, such as a line break or a tab.",
    "noncharacter": "Holds a code that is no character.",
}


def problem(text: str) -> str | None:
    """What is wrong with ``text`` as a sentence, or None. Line breaks count: printed fields are single paragraphs."""
    found = _REFUSED.search(text)
    return None if found is None else _REASONS[str(found.lastgroup)]
