"""Text that people type: what is let in, and how it is found again."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute

from prescriptions.text import problem

EARLIEST, LATEST = date(1800, 1, 1), date(2199, 12, 31)
LONGEST_SEARCH = 200
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def tidy(text: str) -> str:
    """Composed, with single spaces. An accent typed in two ways is the same accent."""
    return " ".join(unicodedata.normalize("NFC", text).split(" ")).strip()


def address_of(email: str) -> str:
    """An e-mail address as it is kept. What no address could hold is left out: it must not reach the database."""
    return "".join(c for c in tidy(email).casefold() if problem(c) is None)


def searchable(*texts: str | None) -> str:
    """Without accents and case, so that "Zoe" finds "Zoë" on every database, and without what no database takes."""
    decomposed = unicodedata.normalize("NFKD", " ".join(text for text in texts if text))
    kept = "".join(c for c in decomposed if not unicodedata.combining(c) and (c.isspace() or problem(c) is None))
    return " ".join(kept.casefold().split())


def iso_date(text: str) -> date | None:
    """The day that ``text`` names as year, month, day; None when it names none, or one out of all bounds."""
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
    return day if day and EARLIEST <= day <= LATEST else None


def every_word(
    text: str,
    *columns: ColumnElement[str] | InstrumentedAttribute[str],
    also: Callable[[str], str] | None = None,
) -> Iterator[ColumnElement[bool]]:
    """Conditions: each word of ``text``, or what ``also`` makes of it, stands somewhere in one of the ``columns``."""
    for word in searchable(text).split():
        wanted = [word] if also is None else [word, also(word)]
        yield or_(*(column.contains(one, autoescape=True) for column in columns for one in wanted))


def search_problems(text: str) -> tuple[str, ...]:
    """What is wrong with the words of a search, as sentences."""
    return text_problems(tidy(text), most=LONGEST_SEARCH)


def text_problems(text: str, *, most: int, least: int = 0, missing: str = "") -> tuple[str, ...]:
    """What is wrong with a text field, as sentences: ``missing`` when it is empty though ``least`` asks for more."""
    if not text and least:
        return (missing,)
    found = [sentence] if (sentence := problem(text)) else []
    if len(text) > most:
        found.append(f"Has {len(text)} characters; at most {most} fit.")
    if len(text) < least:
        found.append(f"Has {len(text)} characters; give at least {least}.")
    return tuple(found)
