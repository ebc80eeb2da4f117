"""The one gateway for text that people type: what could hide, reorder or break what is read later does not come in."""

import re

_REFUSED = re.compile(
    "(?P<surrogate>[\ud800-\udfff])"
    "|(?P<bidi>[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])"
    "|(?P<control>[\x00-\x1f\x7f-\x9f\u2028\u2029])"
    "|(?P<noncharacter>[\ufdd0-\ufdef\ufffe\uffff\U0001fffe\U0001ffff])"
    # soft hyphen, zero-width space, word joiner and their like, fillers, tags: ink for nobody
    "|(?P<invisible>[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u2060-\u2065\u206a-\u206f\u2800\u3164\ufeff\uffa0]"
    "|[\U000e0000-\U000e0fff])"
)
_REASONS = {
    "surrogate": "Holds half a character (a lone surrogate).",
    "bidi": "Holds an invisible character that changes the direction of the text.",
    "control": "Holds a control character, such as a line break or a tab.",
    "noncharacter": "Holds a code that is no character.",
    "invisible": "Holds an invisible character.",
}


def problem(text: str) -> str | None:
    """What is wrong with ``text`` as a sentence, or None. Line breaks count: printed fields are single paragraphs."""
    found = _REFUSED.search(text)
    return None if found is None else _REASONS[str(found.lastgroup)]
