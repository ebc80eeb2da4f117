"""Commands about a clinic's identity provider: ``flask --app wsgi provider --help``."""

import sys

import click
from flask import Flask
from flask.cli import AppGroup

from app.cli import in_a_sentence
from app.clock import now
from app.models import Role, User
from app.pages.provider_sign_in import BACK, DOOR, address_of
from app.services import people, providers

group = AppGroup("provider", help="The identity provider that a clinic's people can sign in by.")

BY = click.option("--by", "email", required=True, help="The administrator of the clinic in whose name it is done.")


def register(app: Flask) -> None:
    """Add the commands to ``app``."""
    app.cli.add_command(group)


@group.command("set")
@BY
@click.option("--issuer", required=True, help="What the provider calls itself: https://login.example.org.")
@click.option("--client-id", required=True)
@click.option("--secret-stdin", is_flag=True, help="Read the client secret from standard input instead of asking.")
@in_a_sentence
def set_provider(*, email: str, issuer: str, client_id: str, secret_stdin: bool) -> None:
    """Let a clinic's people sign in by this provider. The client secret is never an argument."""
    by = _administrator(email)
    secret = sys.stdin.readline().rstrip("\r\n") if secret_stdin else click.prompt("Client secret", hide_input=True)
    providers.change(issuer=issuer, client_id=client_id, client_secret=secret, by=by, at=now(), may_lock_out=True)
    click.echo(f"The people of {by.clinic.name} sign in at {address_of(DOOR, by.clinic_id)}.")
    click.echo(f"At the provider, enter as redirect address: {address_of(BACK, by.clinic_id)}")
    _warn(by)


@group.command("remove")
@BY
@in_a_sentence
def remove(*, email: str) -> None:
    """Let nobody of a clinic sign in by its provider any more."""
    by = _administrator(email)
    providers.remove(by=by, at=now(), may_lock_out=True)
    click.echo(f"The people of {by.clinic.name} sign in with passwords.")
    _warn(by)


@group.command("forget")
@click.option("--email", required=True, help="Whose account at the provider is a new one.")
@in_a_sentence
def forget(*, email: str) -> None:
    """Know somebody by the provider no more, where it has made them a new account. They connect it themselves."""
    user = people.user_with_address(email)
    if user is None:
        raise click.ClickException(f"There is nobody with the address {email!r}.")
    providers.forget(user, at=now())
    click.echo(f"{user.name} is connected to the clinic's provider no more.")
    if user.password_hash is None:
        click.echo("They have no password here: an administrator has to invite them again.")
    _warn(user)


def _administrator(email: str) -> User:
    user = people.user_with_address(email)
    if user is None or Role.ADMINISTRATOR not in user.roles or user.disabled_at is not None:
        raise click.ClickException(f"No administrator has the address {email!r}.")
    return user


def _warn(user: User) -> None:
    if not providers.has_another_way_in(user.clinic_id):
        click.echo(
            f"Warning: no administrator of {user.clinic.name} has a password. If nobody can come in by the provider, "
            "invite one: flask users invite --role administrator",
            err=True,
        )
