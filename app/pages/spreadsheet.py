"""The one writer of CSV: no cell of it can turn into a formula when a spreadsheet opens it."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "\u2212")
"""First characters that some spreadsheet takes for a formula; the last is the minus sign."""

BYTE_ORDER_MARK = "\ufeff"
"""Without it, a widespread spreadsheet reads UTF-8 as something else."""

_SKIPPED = {"C", "M", "Z"}
"""Categories that a spreadsheet may drop before it looks: controls and the invisible, marks, blanks."""
_BLANK_LETTERS = "\u115f\u1160\u2800"
"""Nothing to be seen either, whatever their category says."""


def lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The table as CSV (RFC 4180), a line at a time."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(BYTE_ORDER_MARK)
    for row in (header, *rows):
        writer.writerow([safe(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def safe(cell: str) -> str:
    """The cell with an apostrophe before what would start a formula."""
    return f"'{cell}" if _first_that_counts(cell) in FORMULA_STARTS else cell


def _first_that_counts(cell: str) -> str:
    # Twins of another width or height become what a spreadsheet makes of them.
    for character in unicodedata.normalize("NFKC", cell):
        is_skipped = unicodedata.category(character)[0] in _SKIPPED or character in _BLANK_LETTERS
        if character in FORMULA_STARTS or not is_skipped:
            return character
    return ""
