"""Who may call what: one table, one row for each endpoint and method. What is not in it is refused."""

from collections.abc import Mapping
from enum import Enum, auto

from app.models import Role


class Public(Enum):
    """For what needs no sign-in. Nothing of a clinic is to be seen there."""

    PUBLIC = auto()


Access = frozenset[Role] | Public

PUBLIC = Public.PUBLIC
EVERYONE: Access = frozenset(Role)
THERAPISTS: Access = frozenset({Role.THERAPIST})

SIGN_IN = "pages.sign_in"
"""Where a page sends those who are not signed in."""

POLICY: Mapping[tuple[str, str], Access] = {
    # Files that are the same for everybody
    ("static", "GET"): PUBLIC,
    # API
    ("api.openapi", "GET"): EVERYONE,
    ("api.check_program", "POST"): EVERYONE,
    ("api.catalogue", "GET"): EVERYONE,
    ("api.exercise", "GET"): EVERYONE,
    ("api.find_patients", "GET"): EVERYONE,
    ("api.add_patient", "POST"): EVERYONE,
    ("api.patient", "GET"): EVERYONE,
    ("api.find_programs", "GET"): EVERYONE,
    ("api.issue_program", "POST"): THERAPISTS,
    ("api.program", "GET"): EVERYONE,
    ("api.program_pdf", "GET"): EVERYONE,
    ("api.withdraw_program", "POST"): THERAPISTS,
}


def access_to(endpoint: str, method: str) -> Access:
    """Who may call ``endpoint``; nobody when the table has no row."""
    # HEAD is a GET of which only the headers are sent.
    return POLICY.get((endpoint, "GET" if method == "HEAD" else method), frozenset())
