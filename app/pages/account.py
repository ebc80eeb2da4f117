"""One's own account: what one signs in with, where one is signed in, and the tokens of one's programs."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import InvalidError
from app.models import User
from app.pages.forms import nest, text, texts
from app.policy import scopes_for
from app.security import current_session, current_user
from app.services import api_tokens, own_account, passkeys, providers

Answer = str | Response | tuple[str, int]

USUAL_DAYS = "90"
SCOPES = {
    "catalogue:read": ("Read the catalogue", "Exercises, and the check of a program. Nothing of a patient."),
    "patients:read": ("Read patients", "Names, dates of birth and record numbers."),
    "patients:write": ("Add patients", ""),
    "programs:read": ("Read programs", "The history, and the handouts."),
    "programs:write": ("Issue and withdraw programs", "As you do, under your name."),
}
"""What a token can be made for: words, and a hint."""
SUBJECTS = {"name": "What it is for", "scopes": "What it may do", "days": "How long it works"}


def show() -> str:
    """All of it on one page."""
    user = current_user()
    account = own_account.overview(by=user, at=now())
    return render_template(
        "account/show.html",
        account=account,
        has_provider=providers.of_clinic(by=user) is not None,
        may_choose_password=own_account.may_choose_password(user),
        may_add_passkey=len(account.passkeys) < passkeys.MOST,
        current_id=current_session().id,
        scope_words={scope: words for scope, (words, _) in SCOPES.items()},
    )


def end_session(session_id: str) -> Response:
    """Sign out another browser of one's own, or this one."""
    own_account.end_session(session_id, by=current_user(), at=now())
    return _back("That sign-in has ended.")


def end_other_sessions() -> Response:
    """Sign out everywhere but here."""
    own_account.end_others(current_session().id, by=current_user(), at=now())
    return _back("All your other sign-ins have ended.")


def add_token() -> Answer:
    """The form, and the token from it, which is shown once."""
    user = current_user()
    if request.method == "GET":
        return _token_form(user, {"name": "", "scopes": [], "days": USUAL_DAYS})
    form = nest(request.form)
    typed = {"name": text(form, "name"), "scopes": texts(form, "scopes"), "days": text(form, "days").strip()}
    try:
        token = api_tokens.add(
            name=text(form, "name"),
            scopes=texts(form, "scopes"),
            allowed=scopes_for(user.roles),
            days=_days(text(form, "days").strip()),
            by=user,
            at=now(),
        )
    except InvalidError as error:
        errors = {name: error.errors[name][0] for name in SUBJECTS if name in error.errors}
        return _token_form(user, typed, errors), 422
    return render_template("account/token_made.html", name=typed["name"], token=token)


def revoke_token(token_id: str) -> Response:
    """End a token of one's own."""
    api_tokens.revoke(token_id, by=current_user(), at=now())
    return _back("The token is revoked. The program that has it is refused from now on.")


def _days(typed: str) -> int:
    """The number; 0, which is refused, for what is none."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= len("366") else 0


def _back(said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("pages.account"), 303)


def _token_form(user: User, typed: Mapping[str, object], errors: dict[str, str] | None = None) -> str:
    allowed = scopes_for(user.roles)
    return render_template(
        "account/token.html",
        typed=typed,
        errors=errors or {},
        scopes=[(scope, *SCOPES[scope]) for scope in allowed],
        longest=api_tokens.LONGEST_DAYS,
    )
