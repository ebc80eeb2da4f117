"""What may be typed about somebody of a clinic, whoever types it."""

from collections.abc import Set as AbstractSet

from app.models import Role
from app.post import is_address
from app.services.words import address_of, text_problems, tidy

LONGEST_NAME = 120


def problems(*, name: str, email: str, roles: AbstractSet[Role]) -> dict[str, tuple[str, ...]]:
    """What is wrong, by field; the fields without a problem are there too."""
    return {
        "name": text_problems(tidy(name), least=2, most=LONGEST_NAME, missing="Give the person's name."),
        "email": _address_problems(tidy(email)),
        "roles": role_problems(roles),
    }


def role_problems(roles: AbstractSet[Role]) -> tuple[str, ...]:
    """What is wrong with a choice of roles."""
    if not roles:
        return ("Choose at least one role.",)
    if Role.AUDITOR in roles and len(roles) > 1:
        return ("An auditor only looks on: choose no other role beside it.",)
    return ()


def _address_problems(typed: str) -> tuple[str, ...]:
    if not typed:
        return ("Give an e-mail address.",)
    # What was typed has to be plain as well: folding "ß" to "ss" would lead a mail to somebody else's mailbox.
    is_plain = typed.isascii() and is_address(address_of(typed))
    return () if is_plain else ("That is no e-mail address that we can write to.",)
