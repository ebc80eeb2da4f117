"""Whether typed text is plain enough for a patient's sheet: hints for whoever types it, never a refusal."""

import re
from collections.abc import Callable, Iterator, Mapping

MOST_WORDS = 20
"""In one sentence."""
HIGHEST_GRADE = 6.0
"""School grade that a patient's text may ask for (Flesch and Kincaid)."""
ENOUGH_WORDS = 20
"""Below this, a grade says nothing."""

PLAIN: Mapping[str, str] = {
    "rep": "time",
    "reps": "times",
    "rom": "how far it moves",
    "hep": "your program",
    "sec": "seconds",
    "secs": "seconds",
    "min": "minutes",
    "mins": "minutes",
    "hrs": "hours",
    "wk": "week",
    "wks": "weeks",
    "rt": "right",
    "lt": "left",
    "bilateral": "both sides",
    "unilateral": "one side",
    "supine": "on your back",
    "prone": "on your front",
    "flexion": "bending",
    "extension": "straightening",
    "dorsiflexion": "pulling your toes up",
    "dorsiflex": "pull your toes up",
    "plantarflexion": "pointing your toes",
    "plantarflex": "point your toes",
    "distal": "lower",
    "proximal": "upper",
    "e.g.": "such as",
    "i.e.": "that is",
}
NUMBERS = (
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "twenty",
    "thirty",
)
VALUES = (*range(2, 13), 20, 30)

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_SENTENCE = re.compile(r"(?<=[.?!:;])\s+")
_RANGE = re.compile(r"(\d+)\s*[-\u2013\u2014]\s*(\d+)")
_PRODUCT = re.compile(r"\d+\s*[x\u00d7*]\s*\d+")
_SHOUTED = re.compile(r"\b[A-Z]{4,}\b")
_SIGN = re.compile(r"[/<>@&+~=]")
_SEVERAL = re.compile(r"(?<!now )\band then\b|(?<!\band )\bthen\b|\bafterwards\b|\bafter that\b")
"""Inside a sentence; at its beginning, the action has one of its own. "Now and then" is something else."""
_SYLLABLE = re.compile(r"[aeiouy]+")


def hints(text: str) -> tuple[str, ...]:
    """What would make the text easier, a sentence each; nothing when it is plain."""
    return tuple(dict.fromkeys(hint for look in _LOOKS for hint in look(text)))


def grade(text: str) -> float:
    """The school grade that the text asks for, by Flesch and Kincaid, with syllables counted by their vowels."""
    words = _WORD.findall(text)
    if not words:
        return 0.0
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / len(_sentences(text)) + 11.8 * syllables / len(words) - 15.59


def _sentences(text: str) -> list[str]:
    return [part for part in _SENTENCE.split(text.strip()) if part]


def _syllables(word: str) -> int:
    lower = word.lower()
    count = len(_SYLLABLE.findall(lower))
    silent = lower.endswith(("ed", "es")) or (lower.endswith("e") and not lower.endswith(("le", "ee", "ye")))
    return max(1, count - (silent and count > 1))


def _long_sentences(text: str) -> Iterator[str]:
    for sentence in _sentences(text):
        words = len(sentence.split())
        if words > MOST_WORDS:
            yield f"A sentence has {words} words. Make two of it: {MOST_WORDS} words or fewer are easy to follow."


def _several_actions(text: str) -> Iterator[str]:
    for found in _SEVERAL.findall(text):
        yield f"Put what comes after “{found}” into a sentence of its own: one action at a time."


def _jargon(text: str) -> Iterator[str]:
    for found in re.findall(r"[^\W\d_](?:[^\W_]|\.(?=[^\W\d_]))*\.?", text):
        plain = PLAIN.get(found.lower()) or PLAIN.get(found.lower().rstrip("."))
        if plain:
            yield f"Write “{plain}” instead of “{found.rstrip('.') if found.count('.') == 1 else found}”."


def _numerals(text: str) -> Iterator[str]:
    for word in _WORD.findall(text):
        if word in NUMBERS:
            yield f"Write “{VALUES[NUMBERS.index(word)]}” instead of “{word}”."


def _ranges(text: str) -> Iterator[str]:
    for low, high in _RANGE.findall(text):
        yield f"Write “{low} to {high}”: a dash can be read as a minus."
    for product in _PRODUCT.findall(text):
        yield f"Say in words what “{product}” means, such as “10 times. Do 3 sets.”"


def _signs(text: str) -> Iterator[str]:
    for sign in _SIGN.findall(text):
        yield f"Say “{sign}” in words."
    for word in _SHOUTED.findall(text):
        yield f"Write “{word}” in small letters: they are easier to read."


def _hard(text: str) -> Iterator[str]:
    asked = grade(text)
    if len(_WORD.findall(text)) >= ENOUGH_WORDS and asked > HIGHEST_GRADE:
        yield f"This reads at school grade {asked:.0f}; aim for {HIGHEST_GRADE:.0f}. Use shorter words and sentences."


_LOOKS: tuple[Callable[[str], Iterator[str]], ...] = (
    _long_sentences,
    _several_actions,
    _jargon,
    _numerals,
    _ranges,
    _signs,
    _hard,
)
