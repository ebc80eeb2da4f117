"""From what was just done to the mail about it; and what the page says when the mail does not leave."""

from collections.abc import Mapping
from datetime import datetime

from flask import current_app, flash

from app.errors import MailError
from app.models import User
from app.pages.words import count, instant
from app.services import mail
from app.services.invitations import Invitation
from app.services.links import Kind
from app.services.mail import Letter
from app.services.resets import Done, Reset

PAGES: Mapping[Kind, str] = {Kind.INVITATION: "pages.invitation", Kind.PASSWORD_RESET: "pages.reset_password"}


def link_to(kind: Kind, token: str) -> str:
    """The whole address of a one-time link. It rests on the setting, and on no request's Host (CVE-2021-30185)."""
    path = current_app.url_map.bind("").build(PAGES[kind], {"token": token})
    return f"{current_app.config['BASE_URL']}{path}"


def invitation(made: Invitation) -> Letter:
    """To somebody who is invited."""
    return _letter(made.user, "invitation", link=link_to(Kind.INVITATION, made.token))


def password_reset(made: Reset, *, by: User | None) -> Letter:
    """To somebody who may choose a new password; ``by`` is the administrator who helps, None where they asked alone."""
    link = link_to(Kind.PASSWORD_RESET, made.token)
    return _letter(made.user, "password_reset", link=link, by=by.name if by else "")


def password_changed(done: Done, *, at: datetime) -> Letter:
    """To somebody whose password was changed by a link, so that they notice when it was not them."""
    when = instant(at, done.user.clinic.time_zone)
    return _letter(done.user, "password_changed", when=when, tokens=_tokens(done))


def provider_connected(user: User, *, at: datetime) -> Letter:
    """To somebody who comes in by the clinic's provider from now on, so that they notice when it was not them."""
    return _letter(user, "provider_connected", when=instant(at, user.clinic.time_zone))


def second_factor_reset(done: Done, *, by: User, at: datetime) -> Letter:
    """To somebody whose second factor an administrator took away."""
    when = instant(at, done.user.clinic.time_zone)
    return _letter(done.user, "second_factor_reset", by=by.name, when=when, tokens=_tokens(done))


def second_step_guessed(user: User, *, at: datetime) -> Letter:
    """To somebody whose second step is being tried too often."""
    return _letter(user, "second_step_guessed", when=instant(at, user.clinic.time_zone))


def _tokens(done: Done) -> str:
    return count(done.tokens, "API token") if done.tokens else ""


def _letter(user: User, template: str, **words: str) -> Letter:
    return Letter(user.email, template, {"name": user.name, "clinic": user.clinic.name} | words)


def send(letter: Letter, *, at: datetime) -> bool:
    """Send it; where that fails, tell whoever acted. What was done stays done."""
    try:
        mail.send(letter, at=at)
    except MailError as error:
        flash(str(error), "problem")
        return False
    return True
