"""Commands for the master keys: ``flask --app wsgi keys --help``."""

from pathlib import Path

import click
from flask.cli import AppGroup

from app import keyring
from app.clock import now
from app.keyring import RENEWABLE, KeyringError
from app.services import keys, renewal

group = AppGroup("keys", help="The master keys, which lie in a file outside the database.")


@group.command("add")
@click.argument("purpose", type=click.Choice(RENEWABLE))
def add(purpose: str) -> None:
    """Add a new master key to the key file. For fields, go on with "keys renew"; for audit, start the service anew."""
    try:
        number = keyring.add(_file(), purpose)
    except KeyringError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Added key {number} for {purpose}. Keep a copy of the file where the database's backup is not.")


@group.command("renew")
def renew() -> None:
    """Bring what is stored under the newest key for fields. The service may go on running."""
    try:
        done = renewal.renew(at=now())
    except KeyringError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{done.clinics} clinics have a new data key; {done.rows} rows were sealed again.")
    for row in done.damaged:
        click.echo(f"This row was altered or damaged, and was left as it is: {row}", err=True)
    if done.damaged:
        raise SystemExit(1)
    if not done.clinics:
        click.echo('There is no newer key for fields than the one in use. To begin with a new one: "keys add fields".')


@group.command("check")
def check() -> None:
    """Say which master keys are still needed, and whether anything waits for "keys renew"."""
    try:
        needed = renewal.needed()
    except KeyringError as error:
        raise click.ClickException(str(error)) from error
    uses = {"fields": needed.fields, "index": {1: 1}, "audit": needed.audit}
    for purpose, numbers in keys.keyring().keys.items():
        for number in sorted(numbers):
            is_needed = number in uses[purpose] or number == keys.keyring().newest(purpose)
            click.echo(f"{purpose} {number}: {'needed' if is_needed else 'not needed any more'}")
    if needed.stale:
        click.echo(f'{needed.stale} rows are still under an older data key. Call "keys renew".')


def _file() -> Path:
    source = keys.keyring().source
    if source is None:
        raise KeyringError("These keys come from no file.")
    return source
