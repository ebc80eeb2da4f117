"""The command that prints who may call what: ``flask --app wsgi policy > docs/policy.md``."""

from collections.abc import Iterable

import click
from flask import Flask, current_app

from app.models import Role
from app.policy import EVERYONE, POLICY, Access, Public, Rule

HEADING = """\
# Who may call what

Every page and every operation of the API has a row here for each of its methods; what has none is refused. The table is
`app/policy.py`, printed by `flask --app wsgi policy`. A test compares the two.

- **Roles**: who may call it. "public" asks for no sign-in, "everyone" for any.
- **Event**: what each success leaves in the audit trail, once; in brackets what may stand there instead.
- **Scope**: what an API token needs beside its user's role. Without one, no token opens it.
- **Fresh**: asks again for the password or the second step when the last proof is older than ten minutes.
- **Early**: open to a sign-in that still lacks its second step.
- **Limit**: which of the allowances of one person it uses up.
"""
COLUMNS = ("Endpoint", "Method", "Address", "Roles", "Event", "Scope", "Fresh", "Early", "Limit")


def register(app: Flask) -> None:
    """Add the command to ``app``."""
    app.cli.command("policy")(policy)


def policy() -> None:
    """Print who may call what, as Markdown."""
    click.echo(table(current_app), nl=False)


def table(app: Flask) -> str:
    """The whole document."""
    addresses = {
        (rule.endpoint, method): rule.rule for rule in app.url_map.iter_rules() for method in rule.methods or ()
    }
    rows = (_row(name, method, addresses[name, method], rule) for (name, method), rule in POLICY.items())
    return "\n".join((HEADING, _line(COLUMNS), _line("---" for _ in COLUMNS), *map(_line, rows), ""))


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _row(endpoint: str, method: str, address: str, rule: Rule) -> tuple[str, ...]:
    return (
        f"`{endpoint}`",
        method,
        f"`{address}`",
        _roles(rule.access),
        _events(rule),
        rule.scope or "",
        "yes" if rule.is_fresh else "",
        "yes" if rule.is_early else "",
        rule.limit or "",
    )


def _roles(access: Access) -> str:
    if isinstance(access, Public):
        return "public"
    return "everyone" if access == EVERYONE else ", ".join(role for role in Role if role in access)


def _events(rule: Rule) -> str:
    instead = f" ({', '.join(sorted(rule.instead))})" if rule.instead else ""
    return f"{rule.event or ''}{instead}"
