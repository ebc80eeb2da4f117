"""The one gateway for text that people type: what could hide, reorder or break what is read later does not come in.

Nothing is taken out in silence: a text is let in as it is, or refused. Who keeps it may compose it first (NFC) and make
single spaces of its blanks, which changes nothing that a reader sees.
"""

import re
import unicodedata

MOST_MARKS = 4
"""Marks over and under one letter. No language needs more; a pile of them hides the lines around it."""

_JOINERS = "\u200c\u200d"
"""Persian, the scripts of India and emoji need them. Between Latin letters they are ink for nobody."""
_NONCHARACTERS = "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
"""The last two of each plane."""
_NOT_LATIN = "[\u0250-\u200b\u200e-\ufdff\ufe10-\U0010ffff]"

_REFUSED = re.compile(
    "(?P<surrogate>[\ud800-\udfff])"
    "|(?P<bidi>[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069])"
    "|(?P<control>[\x00-\x1f\x7f-\x9f\u2028\u2029])"
    f"|(?P<noncharacter>[\ufdd0-\ufdef{_NONCHARACTERS}])"
    # soft hyphen, zero-width space, word joiner and their like, fillers, anchors and marks of other writing, tags
    "|(?P<invisible>[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u2800\u3164\ufeff\uffa0"
    "\ufff0-\ufffc\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    f"|(?<!{_NOT_LATIN})(?<!\ufe0f)[{_JOINERS}]|(?<!{_NOT_LATIN})[\ufe00-\ufe0f])"
)
_REASONS = {
    "surrogate": "Holds half a character (a lone surrogate).",
    "bidi": "Holds an invisible character that changes the direction of the text.",
    "control": "Holds a control character, such as a line break or a tab.",
    "noncharacter": "Holds a code that is no character.",
    "invisible": "Holds an invisible character.",
}
_PILED = f"Holds a letter with more than {MOST_MARKS} marks over or under it."


def problem(text: str) -> str | None:
    """What is wrong with ``text`` as a sentence, or None. Line breaks count: printed fields are single paragraphs."""
    if text.isascii() and text.isprintable():
        return None
    found = _REFUSED.search(text)
    if found is not None:
        return _REASONS[str(found.lastgroup)]
    return _PILED if _has_piled_marks(text) else None


def _has_piled_marks(text: str) -> bool:
    piled = 0
    for character in text:
        if unicodedata.category(character) in {"Mn", "Me"}:
            piled += 1
        elif character not in _JOINERS:
            piled = 0
        if piled > MOST_MARKS:
            return True
    return False
