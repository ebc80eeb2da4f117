"""Who looks at the page, which day it is for them, and what they may do there."""

from datetime import date
from zoneinfo import ZoneInfo

from flask import request

from app.clock import now
from app.models import User
from app.policy import Public, access_to
from app.security import visitor

BEGINNINGS = ("pages.patients", "pages.people", "pages.catalogue")
"""Whoever only administers sees no patient; the catalogue is open to everybody."""


def today(user: User) -> date:
    """The day on the clinic's clock."""
    return now().astimezone(ZoneInfo(user.clinic.time_zone)).date()


def zone() -> str:
    """The clinic's time zone; UTC where nobody is signed in."""
    user = visitor()
    return user.clinic.time_zone if user else "UTC"


def today_here() -> date:
    """The day where the viewer's clinic stands."""
    return now().astimezone(ZoneInfo(zone())).date()


def may(endpoint: str, method: str = "GET") -> bool:
    """Whether the policy lets the viewer there: what they may not do has no button."""
    user = visitor()
    access = access_to(endpoint, method)
    return isinstance(access, Public) or (user is not None and bool(user.roles & access))


def first_page() -> str:
    """Where the viewer's day begins: the endpoint of the first of these pages that they may open."""
    return next(endpoint for endpoint in BEGINNINGS if may(endpoint))


def query_page() -> int:
    """The page of a list that the address asks for; the first when it asks for none."""
    page = request.args.get("page", "1")
    return int(page) if page.isascii() and page.isdigit() and len(page) <= len("100000") else 1
