"""The one writer of CSV: no cell of it can turn into a formula when a spreadsheet opens it."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""First characters that some spreadsheet takes for a formula; the last four are their full-width twins."""

BYTE_ORDER_MARK = "\ufeff"
"""Without it, a widespread spreadsheet reads UTF-8 as something else."""


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
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA_STARTS) else cell
