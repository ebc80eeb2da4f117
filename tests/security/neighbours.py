"""Two clinics with a row of every kind that an address or a form can name, and a canary in all that Lakeside writes."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.clock import now
from app.models import AuthSession, Base, Clinic, Passkey, Role, User
from app.models.base import new_id
from app.services import emergency, invitations, programs, resets
from app.services.owned import is_id
from tests.browsing import without_form_token
from tests.builders import (
    a_document,
    a_draft,
    a_file,
    a_key,
    a_patient,
    a_screened_patient,
    a_sign_in,
    an_api_token,
    an_issued_program,
    an_item,
)
from tests.builders_care import a_colleague, again, restrict
from tests.conftest import somebody
from tests.records import change, column, stored

CANARY = "Quagmire"
"""Stands in every text of Lakeside's, and in nothing else."""
OURS = "Meadow"
"""The same of Riverside's."""
COUNTING = {"rate_counter"}


def a_clinic(app: Flask, by: User, head: User, word: str) -> dict[str, str]:
    """One row of each kind, by its kind. ``word`` goes wherever somebody may write. Inside an application context."""
    patient = a_screened_patient(by, name=f"{word} Finch", identifier=f"{word}-1")
    program = an_issued_program(by, patient=patient)
    programs.withdraw(an_issued_program(by, patient=patient).id, reason=f"{word} was wrong.", by=by, at=now())
    unfinished = a_screened_patient(by, name=f"{word} Reed", identifier=f"{word}-2")
    draft = a_draft(unfinished, by, document=a_document(an_item(note=f"{word} note")))
    an_api_token(by)
    guest = a_colleague(by, f"{word}guest Voss")
    restrict(app, by)
    opened = emergency.open_record(patient.id, reason=f"{word} fell down.", by=again(guest), at=now())
    restrict(app, by, is_restricted=False)
    facts = {"email": f"{word}@clinic.example".lower(), "name": f"{word} Berg", "roles": [Role.STAFF]}
    invited = invitations.invite(**facts, clinic=head.clinic, by=head, at=now())
    a_sign_in(by)
    return {
        "patient": patient.id,
        "draft": draft.id,
        "program": program.id,
        "user": guest.id,
        "emergency": opened.id,
        "session": last(app, AuthSession, by),
        "token": column(app, select(Base.metadata.tables["api_token"].c.id).filter_by(user_id=by.id))[0],
        "passkey": a_passkey(app, by, word),
        "clinic": by.clinic_id,
        "invitation": invited.token,
        "reset": resets.send(guest.id, by=head, at=now()).token,
        "other_patient": a_patient(by, name=f"{word} Wren", identifier=f"{word}-3").id,
    }


def last(app: Flask, model: type[Any], by: User) -> str:
    """The newest row of somebody's."""
    found: str = column(app, select(model.id).where(model.user_id == by.id).order_by(model.created_at.desc()))[0]
    return found


def a_passkey(app: Flask, by: User, word: str) -> str:
    """A passkey that nobody has: only its row is looked for."""
    made = {"id": new_id(), "clinic_id": by.clinic_id, "user_id": by.id, "name": f"{word} key", "sign_count": 0}
    keys = {"credential_id": by.id.encode(), "public_key": b"public", "created_at": now()}
    change(app, Passkey.__table__.insert().values(**made, **keys))
    return str(made["id"])


def both(app: Flask) -> tuple[dict[str, str], dict[str, str]]:
    """The rows of Riverside, and of Lakeside."""
    alma, ada, boris, bea = (somebody(app, name) for name in ("alma", "ada", "boris", "bea"))
    texts = {"phone": f"{CANARY} 1", "address": f"{CANARY} Road", "hours": CANARY, "email": f"{CANARY}@clinic.example"}
    theirs = boris.clinic_id
    logo = {"logo": CANARY.encode(), "logo_sha256": CANARY.ljust(64, "0")}
    change(
        app,
        update(Clinic).where(Clinic.id == theirs).values(name=f"{CANARY} Rehabilitation", **texts, **logo),
        update(User).where(User.clinic_id == theirs).values(name=f"{CANARY} Lang"),
    )
    with app.app_context():
        boris, bea = again(boris), again(bea)
        rows = a_clinic(app, alma, ada, OURS), a_clinic(app, boris, bea, CANARY)
    change(
        app,
        update(AuthSession).where(AuthSession.clinic_id == theirs).values(browser=f"{CANARY} browser"),
        update(Base.metadata.tables["api_token"]).filter_by(clinic_id=theirs).values(name=f"{CANARY} token"),
    )
    return rows


def rows_of(app: Flask, clinic_id: str) -> dict[str, Any]:
    """All that the database holds of a clinic, the trail of it too."""
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name not in COUNTING:
            owner = table.c.id if table.name == "clinic" else table.c.clinic_id
            found[table.name] = stored(app, select(table).where(owner == clinic_id).order_by(*table.primary_key))
    return found


Kind = str
ARG: Mapping[str, Kind | None] = {
    "patient_id": "patient",
    "draft_id": "draft",
    "program_id": "program",
    "user_id": "user",
    "access_id": "emergency",
    "session_id": "session",
    "token_id": "token",
    "passkey_id": "passkey",
    "clinic_id": "clinic",
    "token": "link",
    "exercise_id": None,
    "filename": None,
    "name": None,
}
"""What an argument of an address is the id of; None for what is no clinic's own."""
NOT_A_CLINICS = {"exercise_id": "standing-hamstring-stretch", "filename": "app.css", "name": "app.css"}

LINKS = {"pages.invitation": "invitation", "pages.join_by_provider": "invitation", "pages.reset_password": "reset"}
FORM = {"reason": "It is not mine to withdraw.", "revision": "1", "name": "Nobody Else", "roles.0": "staff"}
BODIES = {
    "api.issue_program": a_file(),
    "api.withdraw_program": {"reason": FORM["reason"]},
}


class Neighbours:
    """Both clinics, and how somebody of Riverside asks for their rows."""

    def __init__(self, app: Flask) -> None:
        """Make both."""
        self.app = app
        self.ours, self.theirs = both(app)
        self.before = rows_of(app, self.theirs["clinic"])

    def ask(self, browser: FlaskClient, endpoint: str, method: str, values: Mapping[str, str]) -> tuple[int, str]:
        """The answer, with all ids that were sent and the form token blotted out."""
        rule = next(one for one in self.app.url_map.iter_rules(endpoint) if method in one.methods)
        arguments = {name: values.get(name) or NOT_A_CLINICS[name] for name in rule.arguments}
        fields = {name: value for name, value in values.items() if name not in arguments}
        path = self.app.url_map.bind("localhost").build(endpoint, arguments, method)
        sent = {"query_string": fields}
        if method == "POST":
            sent = {"data": FORM | fields}
            if endpoint.startswith("api."):
                sent = {"json": BODIES.get(endpoint, {}) | fields}
        with browser.session_transaction() as cookie:
            cookie.pop("_flashes", None)  # what the answer before this one had to say
        answer = browser.open(path, method=method, headers={"Idempotency-Key": a_key()}, **sent)
        text = answer.get_data().decode(errors="replace")
        body = without_form_token(f"{text}\n{answer.location}")
        answer.close()
        for value in sorted({*arguments.values(), *fields.values()} - {""}, key=len, reverse=True):
            body = body.replace(value, "ID")
        return answer.status_code, body

    def foreign(self, kind: str, endpoint: str) -> str:
        """The id of a row of Lakeside's; for a link, one that claims to be Riverside's."""
        if kind == "link":
            return self.theirs[LINKS[endpoint]].replace(self.theirs["clinic"], self.ours["clinic"])
        return self.theirs[kind]

    def own(self, kind: str, endpoint: str) -> str:
        """The id of Riverside's row, or its link."""
        return self.ours[LINKS[endpoint] if kind == "link" else kind]

    def leaks(self, body: str) -> list[str]:
        """What of Lakeside stands in an answer: a canary, or an id that was not asked for."""
        ids = {value for value in self.theirs.values() if is_id(value)}
        return [needle for needle in (CANARY, CANARY.lower(), *ids) if needle in body]
