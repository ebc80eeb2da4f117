"""One-time links: accept an invitation, ask for a new password, choose one. Nobody is signed in by any of them.

To open a link uses up nothing: programs that look through mail for their owner open every link in it.
"""

from collections.abc import Callable
from functools import partial, wraps

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import InvalidError, LinkError
from app.models import User
from app.pages import later, letters
from app.pages.forms import nest, text
from app.pages.sign_in import begin_anew
from app.post import is_address
from app.security import delete_session_cookie
from app.services import invitations, mail, provider_sign_in, resets
from app.services.links import Kind
from app.services.words import address_of

Answer = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]
View = Callable[[str], Answer]

ACCEPTED = "Your password is set. Sign in with it, and set up your second step."
BY_HAND = (
    "If the sign-in does not take it, your address may already belong to another account on Holdwell: "
    "ask the clinic to invite you with another address."
)
"""Where no mail is sent the link went through others' hands: said to everybody, it tells them nothing."""
CHANGED = "Your password is changed, and you are signed out everywhere. Sign in with the new one."
TOKENS_ENDED = " Your API tokens have ended as well: make new ones under “Your account”."


def gone_where_it_does_not_work(view: View) -> View:
    """What leads on from a link that is old, was used, or never was."""

    @wraps(view)
    def answered(token: str) -> Answer:
        try:
            return view(token)
        except LinkError as error:
            is_invitation = request.endpoint == letters.PAGES[Kind.INVITATION]
            return render_template("links/gone.html", detail=str(error), is_invitation=is_invitation), 410

    return answered


@gone_where_it_does_not_work
def accept(token: str) -> Answer:
    """The invitation, and a password of one's own for it."""
    if request.method == "GET":
        return _invitation(token)
    try:
        invitations.accept(token, password=request.form.get("password", ""), tells=mail.is_on(), at=now())
    except InvalidError as error:
        return _invitation(token, error), 422
    return _on_to_sign_in(ACCEPTED if mail.is_on() else f"{ACCEPTED} {BY_HAND}")


@gone_where_it_does_not_work
def choose_password(token: str) -> Answer:
    """A new password in place of one that was lost."""
    if request.method == "GET":
        return _choose(resets.whose(token, at=now()), "links/reset.html")
    at = now()
    try:
        done = resets.choose(token, password=request.form.get("password", ""), at=at)
    except InvalidError as error:
        return _choose(resets.whose(token, at=at), "links/reset.html", error), 422
    later.do(partial(mail.send, letters.password_changed(done, at=at), at=at))
    return _on_to_sign_in(CHANGED + (TOKENS_ENDED if done.tokens else ""))


def forgot_password() -> Answer:
    """The form, and a mail to whoever owns the address, if anybody does: the page says the same in any case."""
    if request.method == "GET" or not mail.is_on():
        return render_template("links/forgot.html", email="", errors={}, can_mail=mail.is_on())
    email = text(nest(request.form), "email").strip()
    if not is_address(address_of(email)):
        errors = {"email": "Enter your email address, such as name@clinic.example."}
        return render_template("links/forgot.html", email=email, errors=errors, can_mail=True), 422
    resets.count_asking(ip=request.remote_addr, at=now())
    later.do(partial(_send_reset, email))
    return render_template("links/asked.html")


def _send_reset(email: str) -> None:
    at = now()
    made = resets.ask(email=email, at=at)
    if made is not None:
        mail.send(letters.password_reset(made, by=None), at=at)


def _invitation(token: str, error: InvalidError | None = None) -> str:
    user = invitations.invited(token, at=now())
    by_provider = provider_sign_in.may_join(user)
    return _choose(user, "links/invitation.html", error, token=token, by_provider=by_provider)


def _choose(user: User, template: str, error: InvalidError | None = None, **more: object) -> str:
    errors = {name: messages[0] for name, messages in error.errors.items()} if error else {}
    return render_template(template, user=user, errors=errors, **more)


def _on_to_sign_in(message: str) -> Response:
    """Whoever was signed in here before is not any more: the browser is now of the person with the link."""
    begin_anew()
    flash(message, "success")
    answer = redirect(url_for("pages.sign_in"), 303)
    delete_session_cookie(answer)
    return answer
