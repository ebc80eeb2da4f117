"""Access dies with the relation: at the very next request, on every route that touches a patient, with the tabs open.

The routes come from the application and from the policy. A new one has to refuse, or to say below why it need not.
"""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.clock import now
from app.models import ApiToken, CareTeamMember, EmergencyAccess, Role, User
from app.policy import POLICY
from app.services import accounts, api_tokens, care_team, emergency, own_account, rights
from tests.builder_form import TYPED
from tests.builders import a_draft, a_file, a_key, a_screened_patient, a_sign_in, an_api_token, an_issued_program
from tests.builders_care import again, restrict
from tests.records import change, count
from tests.security.calling import PERSON, REASON, SCREENING
from tests.security.walking import Call, ask, calls

NAME = "Canary Finch"
OF_PATIENTS = {"patient", "screening", "draft", "program", "history"}
"""First words of the events of whatever touches a patient."""
IDS = {"patient_id", "draft_id", "program_id", "access_id"}
OPEN_TO_OUTSIDERS = {
    "pages.open_emergency": "the way in for those outside",
    "pages.patients": "the search finds everybody, by name alone",
    "api.find_patients": "the same",
    "api.search_patients": "the same",
    "pages.add_patient": "nobody's record yet",
    "api.add_patient": "the same",
    "pages.emergencies": "administrators review, and see no name",
    "pages.review_emergency": "the same",
}
"""What somebody outside a care team may call: it opens no record (decision 68)."""
LISTS = {"pages.history", "pages.history_csv", "api.find_programs", "api.search_programs"}
"""What answers them, but must not show what is closed to them."""
SENT = {
    "pages.edit_patient": PERSON | {"revision": "1"},
    "pages.screen": SCREENING,
    "pages.draft": TYPED | {"act": "save", "revision": "1"},
    "pages.discard_draft": {"revision": "1"},
    "pages.check_draft": {"act": "issue", "key": "a-key-of-its-own", "seen": "", "revision": "1"},
    "pages.withdraw_program": {"reason": REASON},
    "pages.open_emergency": {"reason": REASON},
    "api.withdraw_program": {"reason": REASON},
}
"""Enough to get beyond what is refused for its form."""


def touches_a_patient(call: Call) -> bool:
    event = POLICY[call.endpoint, call.method].event
    return event is not None and event.partition(".")[0] in OF_PATIENTS


@dataclass
class Tabs:
    """What Sten has open: a browser, and a program of his that uses a token."""

    app: Flask
    sten: User
    browser: FlaskClient
    session_id: str
    token: str
    ids: dict[str, str]
    number: str
    """Of the patient's program."""

    def calls(self) -> list[Call]:
        """Every call that touches a patient, reading first."""
        return sorted(filter(touches_a_patient, calls(self.app, self.ids)), key=lambda call: call.changes)

    def ask(self, call: Call, *, by_token: bool = False):
        sent = SENT.get(call.endpoint, {})
        if call.endpoint == "api.issue_program":
            sent = a_file() | {"patient_id": self.ids["patient_id"]}
        given = {("json" if call.is_api else "data"): sent} if call.changes else {}
        headers = {"Idempotency-Key": a_key()} | ({"Authorization": f"Bearer {self.token}"} if by_token else {})
        return ask(self.app.test_client() if by_token else self.browser, call, headers=headers, **given)

    def let_in(self, *, as_outsider: bool = False) -> set[str]:
        """The calls that are not refused, by the cookie and by the token."""
        passed_over = OPEN_TO_OUTSIDERS if as_outsider else {}
        doors = [(call, "cookie") for call in self.calls()]
        doors += [(call, "token") for call in self.calls() if call.is_api]
        return {
            f"{call.method} {call.endpoint} {answer.status_code} by {door}"
            for call, door in doors
            if call.endpoint not in passed_over
            and self._gets(answer := self.ask(call, by_token=door == "token"), call, as_outsider=as_outsider)
        }

    def _gets(self, answer, call: Call, *, as_outsider: bool) -> bool:
        is_list = as_outsider and call.endpoint in LISTS
        return self._shows(answer) or not (is_list or is_refused(answer))

    def _shows(self, answer) -> bool:
        return NAME in answer.text or self.number in answer.text


def is_refused(answer) -> bool:
    return answer.status_code in {401, 403} or (answer.location or "").startswith("/sign-in")


@pytest.fixture
def tabs(app, alma, sten, ada):
    """Sten is in the care team of Alma's patient, in a clinic that restricts access. He prescribes and administers."""
    both = update(User).where(User.id.in_([sten.id, ada.id])).values(roles_text="administrator,therapist")
    change(app, both)
    with app.app_context():
        patient = a_screened_patient(alma, name=NAME)
        program = an_issued_program(alma, patient=patient)
        draft = a_draft(patient, alma)
        restrict(app, alma)
        access = emergency.open_record(patient.id, reason=REASON, by=again(ada), at=now())
        care_team.add(patient.id, user_id=sten.id, by=again(alma), at=now())
        ids = {"patient_id": patient.id, "draft_id": draft.id, "program_id": program.id, "access_id": access.id}
        cookie, token = a_sign_in(sten), an_api_token(again(sten))
        session_id = accounts.identify(cookie, at=now()).session.id
        found = Tabs(app, again(sten), app.test_client(), session_id, token, ids, program.number)
    found.browser.set_cookie(app.config["IDENTITY_COOKIE_NAME"], cookie)
    assert all(NAME in found.browser.get(path).text for path in (f"/patients/{patient.id}", f"/drafts/{draft.id}"))
    return found


def out_of_the_team(tabs, alma, _ada):
    care_team.remove(tabs.ids["patient_id"], user_id=tabs.sten.id, by=again(alma), at=now())


def the_emergency_is_over(tabs, alma, _ada):
    out_of_the_team(tabs, alma, _ada)
    opened = emergency.open_record(tabs.ids["patient_id"], reason=REASON, by=again(tabs.sten), at=now())
    assert tabs.browser.get(f"/patients/{tabs.ids['patient_id']}").status_code == 200
    over = now() - timedelta(seconds=2)
    change(tabs.app, update(EmergencyAccess).where(EmergencyAccess.id == opened.id).values(expires_at=over))


def the_role_is_taken(tabs, _alma, ada):
    rights.set_roles(tabs.sten.id, roles=[Role.STAFF], by=ada, at=now())


def disabled(tabs, _alma, ada):
    rights.disable(tabs.sten.id, by=ada, at=now())


def signed_out_by_an_administrator(tabs, _alma, ada):
    rights.end_sessions(tabs.sten.id, by=ada, at=now())


def ended_in_another_browser(tabs, _alma, _ada):
    own_account.end_session(tabs.session_id, by=tabs.sten, at=now())
    api_tokens.revoke(api_tokens.of_user(tabs.sten, at=now())[0].id, by=tabs.sten, at=now())


def of_another_role(tabs, _alma, _ada):
    """In the row alone, with session and token as they were: nothing that was read before may count."""
    change(tabs.app, update(User).where(User.id == tabs.sten.id).values(roles_text=Role.ADMINISTRATOR.value))


def disabled_in_the_row_alone(tabs, _alma, _ada):
    change(tabs.app, update(User).where(User.id == tabs.sten.id).values(disabled_at=now()))


RELATIONS = (out_of_the_team, the_emergency_is_over)
WHOLE = (
    the_role_is_taken,
    disabled,
    signed_out_by_an_administrator,
    ended_in_another_browser,
    disabled_in_the_row_alone,
)


def test_every_route_that_names_a_patient_is_walked(app):
    named = {(call.endpoint, call.method) for call in calls(app) if call.rule.arguments & IDS}
    walked = {(call.endpoint, call.method) for call in calls(app) if touches_a_patient(call)}

    assert named <= walked
    assert {endpoint for endpoint, _ in walked} >= LISTS | OPEN_TO_OUTSIDERS.keys() | SENT.keys()


def test_before_that_they_are_open(tabs):
    closed = [f"{call.method} {call.endpoint}" for call in tabs.calls() if is_refused(tabs.ask(call))]

    assert len(tabs.calls()) > 30
    assert closed == []


@pytest.mark.parametrize("end", RELATIONS, ids=lambda end: end.__name__)
def test_nobody_outside_the_care_team_gets_anything_more_of_the_patient(app, alma, ada, tabs, end):
    with app.app_context():
        end(tabs, alma, ada)

    assert tabs.let_in(as_outsider=True) == set()
    assert count(app, CareTeamMember, CareTeamMember.user_id == tabs.sten.id) == 0


@pytest.mark.parametrize("end", WHOLE, ids=lambda end: end.__name__)
def test_no_route_that_touches_a_patient_answers_after(app, alma, ada, tabs, end):
    with app.app_context():
        end(tabs, alma, ada)

    assert tabs.let_in() == set()


def test_a_role_that_is_gone_opens_nothing_although_session_and_token_go_on(alma, ada, tabs):
    of_another_role(tabs, alma, ada)

    emergencies = {"GET pages.emergencies 200 by cookie", "POST pages.review_emergency 303 by cookie"}
    assert tabs.let_in() == emergencies  # which he administers


def test_a_token_that_is_revoked_opens_nothing_while_the_session_goes_on(app, tabs):
    change(app, update(ApiToken).where(ApiToken.user_id == tabs.sten.id).values(revoked_at=now()))

    answers = {call.endpoint: tabs.ask(call, by_token=True).status_code for call in tabs.calls() if call.is_api}

    assert set(answers.values()) == {401}
    assert tabs.browser.get(f"/patients/{tabs.ids['patient_id']}").status_code == 200
