"""People of the clinic: who they are, what they may do, and inviting somebody new. For administrators."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.clock import now
from app.errors import InvalidError, OwnAccountError
from app.models import Role
from app.pages import letters
from app.pages.forms import Nested, nest, text, texts
from app.pages.viewer import query_page
from app.security import current_user
from app.services import colleagues, invitations, mail, rights
from app.services.colleagues import State
from app.services.links import Kind

Answer = str | Response | tuple[str, int]

ROLES = (
    (Role.THERAPIST.value, "Therapist", "Screens patients, writes their programs and issues them."),
    (Role.STAFF.value, "Staff", "Adds patients, sees their programs and downloads them. Writes no program."),
    (Role.ADMINISTRATOR.value, "Administrator", "Looks after people, settings and the audit trail. Sees no patient."),
    (Role.AUDITOR.value, "Auditor", "Reads everything and changes nothing. Has no other role beside it."),
)
"""What each may do, in a sentence. The whole of it stands in ``app.policy``."""
SUBJECTS = ("name", "email", "roles")
"""The form's fields in its order."""


def people_list() -> Answer:
    """Everybody, with how things stand with them."""
    page = colleagues.find(page=query_page(), by=current_user(), at=now())
    return render_template("people/list.html", page=page, states=State, section="People")


def show(user_id: str) -> Answer:
    """One person, and what can be done about their account."""
    person = colleagues.get(user_id, by=current_user(), at=now())
    return render_template("people/show.html", person=person, roles=ROLES, states=State, section="People")


def invite() -> Answer:
    """The form, and an invitation from it."""
    if request.method == "GET":
        return _invitation_form({})
    user, at, form = current_user(), now(), nest(request.form)
    try:
        made = invitations.invite(
            email=text(form, "email"),
            name=text(form, "name"),
            roles=_roles(form),
            clinic=user.clinic,
            by=user,
            at=at,
        )
    except InvalidError as error:
        return _invitation_form(form, errors=_first(error)), 422
    if not mail.is_on():
        link = letters.link_to(Kind.INVITATION, made.token)
        return render_template("people/link.html", user=made.user, link=link, is_invitation=True, section="People")
    if letters.send(letters.invitation(made), at=at):
        flash("Invitation sent.", "success")
    return redirect(url_for("pages.person", user_id=made.user.id), 303)


def edit_roles(user_id: str) -> Answer:
    """The form, and other roles from it."""
    user, at = current_user(), now()
    if user_id == user.id:
        raise OwnAccountError
    if request.method == "GET":
        person = colleagues.get(user_id, by=user, at=at)
        return render_template("people/roles.html", **_roles_form(person, sorted(person.user.roles)))
    form = nest(request.form)
    try:
        rights.set_roles(user_id, roles=_roles(form), by=user, at=at)
    except InvalidError as error:
        person = colleagues.get(user_id, by=user, at=at)
        return render_template("people/roles.html", **_roles_form(person, texts(form, "roles"), _first(error))), 422
    flash("Roles saved.", "success")
    return redirect(url_for("pages.person", user_id=user_id), 303)


def _roles(form: Nested) -> frozenset[Role]:
    """Those that are ticked. What no page of ours offers is none."""
    return frozenset(role for role in Role if role.value in texts(form, "roles"))


def _roles_form(
    person: colleagues.Person, ticked: list[str], errors: dict[str, str] | None = None
) -> dict[str, object]:
    return {"person": person, "ticked": ticked, "roles": ROLES, "errors": errors or {}, "section": "People"}


def _invitation_form(form: Nested, errors: dict[str, str] | None = None) -> str:
    typed = {"name": text(form, "name"), "email": text(form, "email"), "roles": texts(form, "roles")}
    return render_template(
        "people/invite.html",
        typed=typed,
        roles=ROLES,
        errors=errors or {},
        can_mail=mail.is_on(),
        section="People",
    )


def _first(error: InvalidError) -> dict[str, str]:
    return {name: error.errors[name][0] for name in SUBJECTS if name in error.errors}
