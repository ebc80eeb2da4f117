"""What an administrator does about somebody's account. Each step has a page that says what follows from it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import OwnAccountError
from app.models import User
from app.pages import letters
from app.security import current_user
from app.services import colleagues, invitations, mail, resets, rights
from app.services.links import Kind

Answer = str | Response | tuple[str, int]
Act = Callable[[str, User, datetime], Answer]


@dataclass(frozen=True, slots=True)
class Step:
    """A question and what is done on "yes". ``{name}`` stands for the person."""

    question: str
    follows: str
    button: str
    act: Act
    is_drastic: bool = False


def _on_to(user_id: str, message: str = "") -> Answer:
    if message:
        flash(message, "success")
    return redirect(url_for("pages.person", user_id=user_id), 303)


def _disable(user_id: str, by: User, at: datetime) -> Answer:
    rights.disable(user_id, by=by, at=at)
    return _on_to(user_id, "Account disabled.")


def _enable(user_id: str, by: User, at: datetime) -> Answer:
    rights.enable(user_id, by=by, at=at)
    return _on_to(user_id, "Account enabled.")


def _end_sessions(user_id: str, by: User, at: datetime) -> Answer:
    rights.end_sessions(user_id, by=by, at=at)
    return _on_to(user_id, "Signed out everywhere.")


def _invite_again(user_id: str, by: User, at: datetime) -> Answer:
    made = invitations.invite_again(user_id, by=by, at=at)
    if not mail.is_on():
        return _link_page(made.user, Kind.INVITATION, made.token)
    is_sent = letters.send(letters.invitation(made), at=at)
    return _on_to(user_id, "Invitation sent." if is_sent else "")


def _withdraw(user_id: str, by: User, at: datetime) -> Answer:
    invitations.withdraw(user_id, by=by, at=at)
    flash("Invitation withdrawn.", "success")
    return redirect(url_for("pages.people"), 303)


def _reset_password(user_id: str, by: User, at: datetime) -> Answer:
    made = resets.send(user_id, by=by, at=at)
    if not mail.is_on():
        return _link_page(made.user, Kind.PASSWORD_RESET, made.token)
    is_sent = letters.send(letters.password_reset(made, by=by), at=at)
    return _on_to(user_id, "Link sent." if is_sent else "")


def _reset_second_factor(user_id: str, by: User, at: datetime) -> Answer:
    done = resets.forget_second_factor(user_id, by=by, at=at)
    letters.send(letters.second_factor_reset(done, by=by, at=at), at=at)
    return _on_to(user_id, "Second step removed." + (" Their API tokens have ended." if done.tokens else ""))


def _link_page(user: User, kind: Kind, token: str) -> str:
    """The link, once: without mail the administrator is the one who passes it on."""
    link = letters.link_to(kind, token)
    is_invitation = kind is Kind.INVITATION
    return render_template("people/link.html", user=user, link=link, is_invitation=is_invitation, section="People")


STEPS = {
    "disable_person": Step(
        "Disable the account of {name}?",
        "They are signed out at once and let in no more. What they recorded and issued stays. "
        "You can enable the account again.",
        "Disable this account",
        _disable,
        is_drastic=True,
    ),
    "enable_person": Step(
        "Enable the account of {name}?",
        "They can sign in again, with the password and the second step from before.",
        "Enable this account",
        _enable,
    ),
    "sign_out_person": Step(
        "Sign {name} out everywhere?",
        "All their sign-ins end now, and programs that use a token of theirs are let in no more. "
        "They can sign in again; new tokens they make themselves.",
        "Sign them out",
        _end_sessions,
        is_drastic=True,
    ),
    "invite_again": Step(
        "Invite {name} again?",
        "They get a new link, which works once, within 24 hours. The one from before stops working.",
        "Invite again",
        _invite_again,
    ),
    "withdraw_invitation": Step(
        "Withdraw the invitation of {name}?",
        "The link stops working, and the name is taken off the list.",
        "Withdraw the invitation",
        _withdraw,
        is_drastic=True,
    ),
    "send_reset": Step(
        "Send {name} a link to a new password?",
        "The link works once, within one hour. Until they choose a new password, the old one works. "
        "Then their sign-ins end, and their API tokens. You never see a password, and their second step stays.",
        "Send the link",
        _reset_password,
    ),
    "reset_second_factor": Step(
        "Remove the second step of {name}?",
        "Do this only when you know for certain that it is they who ask: call them back on a number that you have. "
        "They are signed out everywhere and their API tokens end. At their next sign-in they set up a new second step.",
        "Remove the second step",
        _reset_second_factor,
        is_drastic=True,
    ),
}
"""Endpoint to what it is about."""


def view_of(endpoint: str) -> Callable[[str], Answer]:
    """The page of a step."""
    step = STEPS[endpoint]

    def view(user_id: str) -> Answer:
        by, at = current_user(), now()
        if user_id == by.id:
            raise OwnAccountError
        if request.method == "POST":
            return step.act(user_id, by, at)
        person = colleagues.get(user_id, by=by, at=at)
        return render_template("people/confirm.html", step=step, person=person, section="People")

    return view


ADDRESSES = tuple(
    (f"/people/<user_id>/{name}", endpoint, view_of(endpoint), ("GET", "POST"))
    for name, endpoint in (
        ("disable", "disable_person"),
        ("enable", "enable_person"),
        ("sign-out", "sign_out_person"),
        ("invite", "invite_again"),
        ("withdraw", "withdraw_invitation"),
        ("password", "send_reset"),
        ("second-step", "reset_second_factor"),
    )
)
"""Address, endpoint, view, methods."""
