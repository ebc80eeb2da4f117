"""What was searched for, sealed: an address that carries it tells nobody whom somebody looked for.

It is under the clinic's data key, so that a bookmark opens for everybody of the clinic, and for nobody else.
"""

import base64
import binascii
import json
from collections.abc import Mapping

from app.database import unit_of_work
from app.models import User
from app.models.sealed import UnsealableError, seal, unseal

LONGEST_SEALED = 4000
"""Characters. An address that is longer is refused by the server before it comes here."""


def sealed(words: Mapping[str, str], *, of: str, by: User) -> str:
    """One word for an address, of what was typed by the names of its fields; empty where nothing was.

    ``of`` is the list that is searched: elsewhere it does not open.
    """
    typed = {name: word for name, word in words.items() if word}
    if not typed:
        return ""
    plain = json.dumps(typed, ensure_ascii=False, separators=(",", ":")).encode()
    with unit_of_work(by.clinic_id):
        value = seal(plain, clinic_id=by.clinic_id, bound_to=_place(of))
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def opened(text: str, *, of: str, by: User) -> dict[str, str] | None:
    """What was typed, by field; None for what this clinic has not sealed for this list."""
    if len(text) > LONGEST_SEALED:
        return None
    try:
        value = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        with unit_of_work(by.clinic_id):
            plain = unseal(value, clinic_id=by.clinic_id, bound_to=_place(of))
    except (ValueError, binascii.Error, UnsealableError):
        return None
    words: dict[str, str] = json.loads(plain)
    return words


def _place(of: str) -> str:
    return f"search:{of}"
