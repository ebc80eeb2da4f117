"""The pages: server-rendered, whole without JavaScript. One module for each resource; one table of addresses."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Flask, url_for

from app.pages import (
    account,
    assets,
    audit,
    care_team,
    catalogue,
    clinic,
    draft_check,
    draft_view,
    drafts,
    emergency,
    history,
    links,
    logo,
    passkeys,
    patients,
    people,
    people_steps,
    presence,
    programs,
    proof,
    provider,
    provider_sign_in,
    screening,
    second_factor,
    sign_in,
    viewer,
    words,
)
from app.pages.builder import name_of
from app.security import visitor
from app.services.catalogue import pack
from app.services.sessions import IDLE
from prescriptions.catalogue import Exercise
from prescriptions.dose import PARAMETERS
from prescriptions.screening import NERVE_SENSATIONS

Filters = Mapping[str, Callable[..., object]]

READ, WRITE, FORM = ("GET",), ("POST",), ("GET", "POST")

ADDRESSES: tuple[tuple[str, str, Callable[..., Any], tuple[str, ...]], ...] = (
    ("/", "home", sign_in.home, READ),
    ("/sign-in", "sign_in", sign_in.sign_in, FORM),
    ("/sign-in/second-factor", "second_factor", sign_in.second_step, FORM),
    ("/sign-in/at/<clinic_id>", "provider_sign_in", provider_sign_in.start, READ),
    ("/sign-in/at/<clinic_id>/go", "leave_for_provider", provider_sign_in.leave, READ),
    ("/sign-in/at/<clinic_id>/back", "back_from_provider", provider_sign_in.back, READ),
    ("/sign-in/continue", "carry_on", sign_in.carry_on, WRITE),
    ("/sign-out", "sign_out", sign_in.sign_out, WRITE),
    ("/prove", "prove", proof.prove, FORM),
    ("/account/provider", "connect_provider", provider_sign_in.connect, FORM),
    ("/account/provider/disconnect", "disconnect_provider", provider_sign_in.disconnect, WRITE),
    ("/account/password", "change_password", proof.change_password, FORM),
    ("/account/app", "enrol_totp", second_factor.enrol_totp, FORM),
    ("/account/app/remove", "remove_totp", second_factor.remove_totp, WRITE),
    ("/account/recovery-codes", "recovery_codes", second_factor.recovery_codes, FORM),
    ("/account/passkeys/new", "add_passkey", passkeys.add, FORM),
    ("/account/passkeys/options", "passkey_options", passkeys.options_to_add, WRITE),
    ("/account/passkeys/<passkey_id>/remove", "remove_passkey", passkeys.remove, WRITE),
    ("/sign-in/passkey/options", "passkey_challenge", passkeys.options_to_prove, WRITE),
    ("/sign-in/passkey", "second_factor_passkey", passkeys.second_step, WRITE),
    ("/prove/passkey", "prove_passkey", passkeys.prove, WRITE),
    ("/session", "session", presence.state, READ),
    ("/session", "stay", presence.stay, WRITE),
    ("/account", "account", account.show, READ),
    ("/account/sessions/<session_id>/end", "end_session", account.end_session, WRITE),
    ("/account/sessions/end-others", "end_other_sessions", account.end_other_sessions, WRITE),
    ("/account/tokens/new", "add_token", account.add_token, FORM),
    ("/account/tokens/<token_id>/revoke", "revoke_token", account.revoke_token, WRITE),
    ("/invitation/<token>", "invitation", links.accept, FORM),
    ("/invitation/<token>/provider", "join_by_provider", provider_sign_in.join, FORM),
    ("/forgot-password", "forgot_password", links.forgot_password, FORM),
    ("/reset/<token>", "reset_password", links.choose_password, FORM),
    ("/patients", "patients", patients.patient_list, FORM),
    ("/patients/new", "add_patient", patients.add, FORM),
    ("/patients/<patient_id>", "patient", patients.show, READ),
    ("/patients/<patient_id>/edit", "edit_patient", patients.edit, FORM),
    ("/patients/<patient_id>/screening", "screen", screening.screen, FORM),
    ("/patients/<patient_id>/draft", "start_draft", drafts.start, WRITE),
    ("/patients/<patient_id>/team/add", "add_to_team", care_team.add, WRITE),
    ("/patients/<patient_id>/team/remove", "remove_from_team", care_team.remove, WRITE),
    ("/patients/<patient_id>/emergency", "open_emergency", emergency.open_record, FORM),
    ("/emergency", "emergencies", emergency.openings, READ),
    ("/emergency/<access_id>/review", "review_emergency", emergency.review, WRITE),
    ("/drafts/<draft_id>", "draft", drafts.build, FORM),
    ("/drafts/<draft_id>/check", "check_draft", draft_check.check, FORM),
    ("/drafts/<draft_id>/discard", "discard_draft", drafts.discard, WRITE),
    ("/programs/<program_id>", "program", programs.show, READ),
    ("/programs/<program_id>/pdf", "program_pdf", programs.download, READ),
    ("/programs/<program_id>/withdraw", "withdraw_program", programs.withdraw, FORM),
    ("/history", "history", history.show, FORM),
    ("/history.csv", "history_csv", history.download, READ),
    ("/audit", "audit", audit.trail, FORM),
    ("/audit.csv", "audit_csv", audit.download, READ),
    ("/people", "people", people.people_list, READ),
    ("/people/invite", "invite_person", people.invite, FORM),
    ("/people/<user_id>", "person", people.show, READ),
    ("/people/<user_id>/roles", "edit_roles", people.edit_roles, FORM),
    *people_steps.ADDRESSES,
    ("/clinic", "clinic", clinic.show, READ),
    ("/clinic/details", "edit_clinic", clinic.edit, FORM),
    ("/clinic/policies", "clinic_policies", clinic.policies, FORM),
    ("/clinic/logo", "logo", logo.show, READ),
    ("/clinic/logo/change", "change_logo", logo.change, FORM),
    ("/clinic/logo/remove", "remove_logo", logo.remove, WRITE),
    ("/clinic/provider", "provider", provider.edit, FORM),
    ("/clinic/provider/remove", "remove_provider", provider.remove, WRITE),
    ("/catalogue", "catalogue", catalogue.exercises, READ),
    ("/catalogue/sources", "sources", catalogue.sources, READ),
    ("/catalogue/<exercise_id>", "exercise", catalogue.exercise, READ),
    ("/catalogue/<exercise_id>/picture.svg", "picture", catalogue.picture, READ),
    ("/catalogue/<exercise_id>/movement.json", "movement", catalogue.movement, READ),
)
"""Address, endpoint, view, methods. Who may call which stands in ``app.policy``."""

FILTERS: Filters = {
    "label": words.label,
    "day": words.day,
    "day_and_age": lambda iso: words.day_and_age(iso, viewer.today_here()),
    "age": lambda born: words.age(born, viewer.today_here()),
    "instant": lambda at: words.instant(at, viewer.zone()),
    "clock": lambda at: words.clock(at, viewer.zone()),
    "instant_day": lambda at: words.instant_day(at, viewer.zone()),
    "count": words.count,
    "size": words.size,
    "equipment": words.equipment,
    "ranges": words.ranges,
    "amount": lambda documented, key: words.amount(key, documented),
    "exercise_name": lambda exercise_id: name_of(exercise_id, pack()),
    "target": draft_view.target,
}


def register(app: Flask) -> None:
    """Give ``app`` its pages and what their templates lean on."""
    blueprint = Blueprint("pages", __name__)
    for address, endpoint, view, methods in ADDRESSES:
        blueprint.add_url_rule(address, endpoint, view, methods=methods)
    blueprint.app_context_processor(_context)
    app.register_blueprint(blueprint)
    app.jinja_env.filters.update(FILTERS)
    # Macros that are imported without context see what is global.
    app.jinja_env.globals["emergency_until"] = emergency.until
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.after_request(assets.keep_for_ever)


def _context() -> dict[str, object]:
    """What every template may name. Macros imported "with context" see it as well."""
    return {
        "viewer": visitor(),
        "idle_seconds": int(IDLE.total_seconds()),
        "may": viewer.may,
        "emergencies_waiting": emergency.waiting,
        "asset": assets.asset,
        "logo_address": logo.address,
        "known_door": provider_sign_in.known_door,
        "search_for": history.search_for,
        "picture": _picture,
        "movement": _movement,
        "pack": pack(),
        "parameters": PARAMETERS,
        "nerve": NERVE_SENSATIONS,
        "remedies": {rule.code: rule.remedy for rule in pack().rules},
    }


def _picture(exercise: Exercise, side: str | None = None) -> str:
    """The address of an exercise's picture, which changes when the catalogue does."""
    return url_for("pages.picture", exercise_id=exercise.id, side=side or None, v=_catalogue_version())


def _movement(exercise: Exercise) -> str:
    """The address of an exercise's movement; it changes like that of its picture."""
    return url_for("pages.movement", exercise_id=exercise.id, v=_catalogue_version())


def _catalogue_version() -> str:
    return pack().digest.removeprefix("sha256:")[: assets.HASH_LENGTH]
