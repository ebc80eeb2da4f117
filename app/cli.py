"""Commands for whoever looks after the service: ``flask --app wsgi --help``."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import click
from alembic import command
from alembic.config import Config as AlembicConfig
from flask import Flask, current_app
from flask.cli import AppGroup

from app import cli_keys, demo
from app.clock import now
from app.config import ROOT, ConfigError
from app.database import owner_url
from app.errors import HoldwellError
from app.models import Role
from app.models.walls import WallsError
from app.pages import letters
from app.policy import Scope, scopes_for
from app.services import api_tokens, integrity, invitations, people, upkeep
from app.services.links import Kind
from prescriptions.brand import PAPERS, Brand
from prescriptions.errors import PrescriptionError

Parameters = ParamSpec("Parameters")

clinics = AppGroup("clinics", help="The clinics of this installation.")
users = AppGroup("users", help="The people of a clinic.")
tokens = AppGroup("tokens", help="Tokens for the API.")
demonstration = AppGroup("demo", help="The demonstration clinic.")


def register(app: Flask) -> None:
    """Add the commands to ``app``."""
    for group in (clinics, users, tokens, demonstration):
        app.cli.add_command(group)
    app.cli.add_command(cli_keys.group)
    app.cli.command("verify")(verify)
    app.cli.command("migrate")(migrate)


def in_a_sentence(act: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Say what was refused in one sentence, without a traceback."""

    @wraps(act)
    def said(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        try:
            act(*args, **kwargs)
        except (HoldwellError, PrescriptionError, ConfigError, WallsError) as error:
            raise click.ClickException(str(error)) from error

    return said


@clinics.command("add")
@click.option("--name", required=True)
@click.option("--phone", default="")
@click.option("--address", default="")
@click.option("--hours", default="", help='When somebody answers: "Monday to Friday, 8:00 to 18:00".')
@click.option("--email", default="")
@click.option("--paper", type=click.Choice(PAPERS), default="a4", show_default=True)
@click.option("--time-zone", default="Europe/London", show_default=True)
@in_a_sentence
def add_clinic(*, name: str, phone: str, address: str, hours: str, email: str, paper: str, time_zone: str) -> None:
    """Add a clinic. What is left empty is a line to write on in its handouts."""
    brand = Brand(clinic_name=name, phone=phone, address=address, hours=hours, email=email, paper=paper)
    clinic = people.add_clinic(brand=brand, time_zone=time_zone, at=now())
    click.echo(f"Added {clinic.name}.")


@users.command("add")
@click.option("--clinic", "clinic_name", required=True, help="The clinic's name, or its id.")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", "roles", type=click.Choice([role.value for role in Role]), required=True, multiple=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
@in_a_sentence
def add_user(*, clinic_name: str, email: str, name: str, roles: tuple[str, ...], password_stdin: bool) -> None:
    """Add somebody to a clinic."""
    clinic = people.clinic_called(clinic_name)
    if clinic is None:
        raise click.ClickException(f"There is no clinic named {clinic_name!r}.")
    password: str
    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    user = people.add_user(clinic=clinic, email=email, name=name, roles=map(Role, roles), password=password, at=now())
    click.echo(f"Added {user.name} ({user.roles_text}) to {clinic.name}.")


@users.command("invite")
@click.option("--clinic", "clinic_name", required=True, help="The clinic's name, or its id.")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", "roles", type=click.Choice([role.value for role in Role]), required=True, multiple=True)
@in_a_sentence
def invite_user(*, clinic_name: str, email: str, name: str, roles: tuple[str, ...]) -> None:
    """Invite somebody to a clinic, and print the link on which they choose their password, once."""
    clinic = people.clinic_called(clinic_name)
    if clinic is None:
        raise click.ClickException(f"There is no clinic named {clinic_name!r}.")
    made = invitations.invite(email=email, name=name, roles=map(Role, roles), clinic=clinic, by=None, at=now())
    click.echo(f"{made.user.name} ({made.user.roles_text}) of {clinic.name} chooses a password here, within 24 hours:")
    click.echo(letters.link_to(Kind.INVITATION, made.token))


@tokens.command("add")
@click.option("--email", required=True, help="Whose token it is: it may do what they may.")
@click.option("--name", required=True, help="What it is for.")
@click.option("--scope", "scopes", type=click.Choice([scope.value for scope in Scope]), multiple=True, required=True)
@click.option("--days", type=int, default=90, show_default=True, help="How long it works.")
@in_a_sentence
def add_token(*, email: str, name: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a token for the API and print it, once."""
    user = people.user_with_address(email)
    if user is None:
        raise click.ClickException(f"There is nobody with the address {email!r}.")
    click.echo(api_tokens.add(name=name, scopes=scopes, allowed=scopes_for(user.roles), days=days, by=user, at=now()))


@demonstration.command("load")
@in_a_sentence
def load_demonstration() -> None:
    """Load the demonstration clinic, once, and print its sign-ins."""
    clinic = demo.load(at=now())
    click.echo(f"{clinic.name}. Sign in with the password {demo.PASSWORD} as:")
    for email, name, role in demo.PEOPLE:
        click.echo(f"  {email:<24}{name}, {role}")


@in_a_sentence
def verify() -> None:
    """Check every stored handout, the triggers and the database file; exit 1 when anything is wrong."""
    found = list(integrity.problems())
    for problem in found:
        click.echo(problem, err=True)
    if found:
        raise SystemExit(1)
    click.echo(f"All is well: {integrity.handouts()} stored handouts are what was issued.")


@in_a_sentence
def migrate() -> None:
    """Bring the database to the newest version."""
    config = AlembicConfig(toml_file=ROOT / "pyproject.toml")
    config.attributes["database_url"] = owner_url()
    config.attributes["database_role"] = current_app.config["HOLDWELL_DATABASE_ROLE"]
    command.upgrade(config, "head")
    for problem in upkeep.after_migration(at=now()):
        click.echo(problem, err=True)
