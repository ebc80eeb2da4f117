"""Commands about the audit trail: ``flask --app wsgi audit --help``. They print ids, never a name of anybody."""

import sys
from collections.abc import Iterator
from datetime import datetime

import click
from flask import Flask
from flask.cli import AppGroup

from app.clock import now
from app.errors import ConflictError
from app.pages import spreadsheet
from app.services import audit_search, audit_verify, people
from app.services.audit_search import ORDERS, Order, TrailFilters
from app.services.audit_table import COLUMNS, cells
from app.services.audit_verify import Owner

audit = AppGroup("audit", help="The audit trails.")

DAY = click.DateTime(formats=["%Y-%m-%d"])


def register(app: Flask) -> None:
    """Add the commands to ``app``."""
    app.cli.add_command(audit)


@audit.command("verify")
@click.option("--from", "least", type=click.IntRange(min=1), default=1, help="The number to begin with.")
@click.option("--clinic", "name", help="Only this clinic's trail: its name, or its id.")
def verify(*, least: int, name: str | None) -> None:
    """Check every trail's chain and its anchor; exit 1 when anything is wrong, and name the first bad row."""
    is_sound = True
    for trail in audit_verify.check(_owners(name), least=least, at=now()):
        if trail.fault is None:
            click.echo(f"{trail.clinic}: {trail.rows} rows are what was written.")
        else:
            is_sound = False
            click.echo(f"{trail.clinic}: row {trail.fault.n} {trail.fault.why}.", err=True)
    for line in audit_verify.unreadable_lines():
        is_sound = False
        click.echo(f"Line {line} of the anchor's file can't be read.", err=True)
    if not is_sound:
        raise SystemExit(1)


@audit.command("anchor")
def anchor() -> None:
    """Write down now, outside the database, how far each trail has come."""
    number = audit_verify.write_anchors(_owners(None), at=now())
    click.echo(f"Anchored the trails of {number} clinics.")


@audit.command("report")
@click.option("--from", "since", type=DAY, required=True, help="The first day, on the clinic's clock.")
@click.option("--to", "until", type=DAY, required=True, help="The last day.")
@click.option("--by", "field", type=click.Choice(list(ORDERS)), default="when", show_default=True, help="The order.")
@click.option("--clinic", "name", help="Only this clinic's trail: its name, or its id.")
@click.option("--count", "is_counted", is_flag=True, help="Only how many there are for each value.")
def report(*, since: datetime, until: datetime, field: str, name: str | None, is_counted: bool) -> None:
    """Print what a period's trail says, as CSV, sorted by one of its fields."""
    filters = TrailFilters(since=since.date().isoformat(), until=until.date().isoformat())
    header = ("clinic", field, "events") if is_counted else ("clinic", *COLUMNS)
    rows = _counts(filters, field, name) if is_counted else _rows(filters, field, name)
    for line in spreadsheet.lines(header, rows):
        sys.stdout.write(line)


def _counts(filters: TrailFilters, field: str, name: str | None) -> Iterator[tuple[str, ...]]:
    for one in _owners(name):
        found = audit_search.counts(filters=filters, field=field, clinic_id=one.id, time_zone=one.time_zone)
        yield from ((one.id, value, str(number)) for value, number in found)


def _rows(filters: TrailFilters, field: str, name: str | None) -> Iterator[tuple[str, ...]]:
    order = Order(field, descending=False)
    for one in _owners(name):
        events = audit_search.report(filters=filters, order=order, clinic_id=one.id, time_zone=one.time_zone)
        yield from ((one.id, *cells(event, one.time_zone)) for event in events)


def _owners(name: str | None) -> list[Owner]:
    if name is None:
        return audit_verify.owners()
    try:
        clinic = people.clinic_called(name)
    except ConflictError as error:
        raise click.ClickException(str(error)) from error
    if clinic is None:
        raise click.ClickException(f"There is no clinic named {name!r}.")
    return audit_verify.owners(clinic.id)
