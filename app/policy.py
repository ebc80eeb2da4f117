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
SIGN_OUT = "pages.sign_out"

POLICY: Mapping[tuple[str, str], Access] = {
    # Files that are the same for everybody
    ("static", "GET"): PUBLIC,
    # Pages
    ("pages.home", "GET"): EVERYONE,
    ("pages.sign_in", "GET"): PUBLIC,
    ("pages.sign_in", "POST"): PUBLIC,
    ("pages.sign_out", "POST"): PUBLIC,
    ("pages.patients", "GET"): EVERYONE,
    ("pages.add_patient", "GET"): EVERYONE,
    ("pages.add_patient", "POST"): EVERYONE,
    ("pages.patient", "GET"): EVERYONE,
    ("pages.edit_patient", "GET"): EVERYONE,
    ("pages.edit_patient", "POST"): EVERYONE,
    ("pages.screen", "GET"): THERAPISTS,
    ("pages.screen", "POST"): THERAPISTS,
    ("pages.start_draft", "POST"): THERAPISTS,
    ("pages.draft", "GET"): THERAPISTS,
    ("pages.draft", "POST"): THERAPISTS,
    ("pages.discard_draft", "POST"): THERAPISTS,
    ("pages.check_draft", "GET"): THERAPISTS,
    ("pages.check_draft", "POST"): THERAPISTS,
    ("pages.program", "GET"): EVERYONE,
    ("pages.program_pdf", "GET"): EVERYONE,
    ("pages.withdraw_program", "GET"): THERAPISTS,
    ("pages.withdraw_program", "POST"): THERAPISTS,
    ("pages.history", "GET"): EVERYONE,
    ("pages.history_csv", "GET"): EVERYONE,
    ("pages.catalogue", "GET"): EVERYONE,
    ("pages.sources", "GET"): EVERYONE,
    ("pages.exercise", "GET"): EVERYONE,
    ("pages.picture", "GET"): EVERYONE,
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
