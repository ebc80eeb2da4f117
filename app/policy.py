"""Who may call what: one table, one row for each endpoint and method. What is not in it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from app.models import Action, Role
from app.services.throttle import Quota


class Public(Enum):
    """For what needs no sign-in. Nothing of a clinic is to be seen there."""

    PUBLIC = auto()


class Scope(StrEnum):
    """What an API token can be made for. It never does more than its user may."""

    CATALOGUE_READ = "catalogue:read"
    PATIENTS_READ = "patients:read"
    PATIENTS_WRITE = "patients:write"
    PROGRAMS_READ = "programs:read"
    PROGRAMS_WRITE = "programs:write"


Access = frozenset[Role] | Public

PUBLIC = Public.PUBLIC
EVERYONE: Access = frozenset(Role)
READERS: Access = frozenset({Role.THERAPIST, Role.STAFF, Role.AUDITOR})
"""Whoever sees patients and what they were given. Who only administers sees none."""
CARERS: Access = frozenset({Role.THERAPIST, Role.STAFF})
THERAPISTS: Access = frozenset({Role.THERAPIST})
ADMINISTRATORS: Access = frozenset({Role.ADMINISTRATOR})
EXAMINERS: Access = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
"""Whoever reads the audit trail."""

SIGN_IN = "pages.sign_in"
"""Where a page sends those who are not signed in."""
SIGN_OUT = "pages.sign_out"
SECOND_STEP = "pages.second_factor"
"""Where it sends those whose sign-in is half done."""
CARRY_ON = "pages.carry_on"
"""Where a page waits with what was typed, while its owner signs in elsewhere."""
PROOF = "pages.prove"
"""Where it sends those who have not proved of late who they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What stands between a request and its view."""

    access: Access
    event: Action | None = None
    """What each success leaves in the audit trail, once. None: it touches no patient's data."""
    instead: frozenset[Action] = frozenset()
    """What it leaves where there was nothing to do, or another button of the same form was pressed."""
    scope: Scope | None = None
    """What an API token needs beside its user's role. None: no token opens it."""
    is_fresh: bool = False
    """Whether the person must have proved who they are within the last minutes."""
    is_early: bool = False
    """Whether a sign-in that still lacks its second factor may call it."""
    is_quiet: bool = False
    """Whether calling it is no use of the sign-in: a page that only asks must not keep it alive."""

    @property
    def limit(self) -> Quota | None:
        """How often one person may do it: what its event says is dear."""
        return None if self.event is None else LIMITS.get(self.event)


LIMITS: Mapping[Action, Quota] = {
    Action.PATIENT_VIEWED: Quota.RECORDS,
    Action.SCREENING_VIEWED: Quota.RECORDS,
    Action.DRAFT_VIEWED: Quota.RECORDS,
    Action.PROGRAM_VIEWED: Quota.RECORDS,
    Action.PROGRAM_DOWNLOADED: Quota.RECORDS,
    Action.PATIENTS_SEARCHED: Quota.SEARCHES,
    Action.PROGRAMS_SEARCHED: Quota.SEARCHES,
    Action.AUDIT_SEARCHED: Quota.SEARCHES,
    Action.HISTORY_EXPORTED: Quota.EXPORTS,
    Action.AUDIT_EXPORTED: Quota.EXPORTS,
    Action.PROGRAM_ISSUED: Quota.RENDERS,
}


def rule(access: Access, event: Action | None = None, scope: Scope | None = None) -> Rule:
    """The ordinary row."""
    return Rule(access=access, event=event, scope=scope)


def fresh(access: Access, event: Action | None = None) -> Rule:
    """For what a person left alone with somebody's open session could do harm with."""
    return Rule(access=access, event=event, is_fresh=True)


NOBODY = Rule(access=frozenset())

POLICY: Mapping[tuple[str, str], Rule] = {
    # Files that are the same for everybody
    ("static", "GET"): rule(PUBLIC),
    # Signing in and out
    ("pages.home", "GET"): rule(EVERYONE),
    ("pages.sign_in", "GET"): rule(PUBLIC),
    ("pages.sign_in", "POST"): rule(PUBLIC),
    ("pages.sign_out", "POST"): rule(PUBLIC),
    # The way in by a clinic's own provider: what it brings back is what opens it
    ("pages.provider_sign_in", "GET"): rule(PUBLIC),
    ("pages.leave_for_provider", "GET"): rule(PUBLIC),
    ("pages.back_from_provider", "GET"): rule(PUBLIC),
    (CARRY_ON, "POST"): rule(PUBLIC),
    # One-time links: the token in the address is what opens them
    ("pages.invitation", "GET"): rule(PUBLIC),
    ("pages.invitation", "POST"): rule(PUBLIC, Action.INVITATION_ACCEPTED),
    ("pages.join_by_provider", "GET"): rule(PUBLIC),
    ("pages.join_by_provider", "POST"): rule(PUBLIC, Action.INVITATION_ACCEPTED),
    ("pages.reset_password", "GET"): rule(PUBLIC),
    ("pages.reset_password", "POST"): rule(PUBLIC, Action.PASSWORD_RESET),
    ("pages.forgot_password", "GET"): rule(PUBLIC),
    ("pages.forgot_password", "POST"): rule(PUBLIC),
    ("pages.second_factor", "GET"): Rule(access=EVERYONE, is_early=True),
    ("pages.second_factor", "POST"): Rule(access=EVERYONE, is_early=True),
    ("pages.prove", "GET"): rule(EVERYONE),
    ("pages.prove", "POST"): rule(EVERYONE),
    # What one signs in with
    ("pages.change_password", "GET"): rule(EVERYONE),
    ("pages.change_password", "POST"): rule(EVERYONE, Action.PASSWORD_CHANGED),
    ("pages.enrol_totp", "GET"): Rule(access=EVERYONE, is_fresh=True, is_early=True),
    ("pages.enrol_totp", "POST"): Rule(access=EVERYONE, is_fresh=True, is_early=True),
    ("pages.remove_totp", "POST"): Rule(access=EVERYONE, event=Action.SECOND_FACTOR_REMOVED, is_fresh=True),
    ("pages.recovery_codes", "GET"): Rule(access=EVERYONE, is_fresh=True),
    ("pages.recovery_codes", "POST"): Rule(access=EVERYONE, event=Action.RECOVERY_CODES_MADE, is_fresh=True),
    ("pages.add_passkey", "GET"): Rule(access=EVERYONE, is_fresh=True, is_early=True),
    ("pages.add_passkey", "POST"): Rule(
        access=EVERYONE, event=Action.SECOND_FACTOR_ADDED, is_fresh=True, is_early=True
    ),
    ("pages.passkey_options", "POST"): Rule(access=EVERYONE, is_fresh=True, is_early=True),
    ("pages.remove_passkey", "POST"): Rule(access=EVERYONE, event=Action.SECOND_FACTOR_REMOVED, is_fresh=True),
    ("pages.passkey_challenge", "POST"): Rule(access=EVERYONE, is_early=True),
    ("pages.second_factor_passkey", "POST"): Rule(access=EVERYONE, is_early=True),
    ("pages.prove_passkey", "POST"): rule(EVERYONE),
    ("pages.connect_provider", "GET"): fresh(EVERYONE),
    ("pages.connect_provider", "POST"): fresh(EVERYONE, Action.PROVIDER_CONNECTED),
    ("pages.disconnect_provider", "POST"): fresh(EVERYONE, Action.PROVIDER_DISCONNECTED),
    # One's own account
    ("pages.session", "GET"): Rule(access=EVERYONE, is_quiet=True),
    ("pages.stay", "POST"): rule(EVERYONE),
    ("pages.account", "GET"): rule(EVERYONE),
    ("pages.end_session", "POST"): rule(EVERYONE, Action.SESSION_REVOKED),
    ("pages.end_other_sessions", "POST"): rule(EVERYONE, Action.SESSION_REVOKED),
    ("pages.add_token", "GET"): Rule(access=EVERYONE, is_fresh=True),
    ("pages.add_token", "POST"): Rule(access=EVERYONE, event=Action.TOKEN_ADDED, is_fresh=True),
    ("pages.revoke_token", "POST"): rule(EVERYONE, Action.TOKEN_REVOKED),
    # Patients
    # A search is sent by POST, which only seals its words into the address of the list it leads on to
    ("pages.patients", "GET"): rule(READERS, Action.PATIENTS_SEARCHED),
    ("pages.patients", "POST"): rule(READERS),
    ("pages.add_patient", "GET"): rule(CARERS),
    ("pages.add_patient", "POST"): rule(CARERS, Action.PATIENT_ADDED),
    ("pages.patient", "GET"): rule(READERS, Action.PATIENT_VIEWED),
    ("pages.edit_patient", "GET"): rule(CARERS, Action.PATIENT_VIEWED),
    ("pages.edit_patient", "POST"): rule(CARERS, Action.PATIENT_EDITED),
    ("pages.screen", "GET"): rule(THERAPISTS, Action.SCREENING_VIEWED),
    ("pages.screen", "POST"): rule(THERAPISTS, Action.SCREENING_RECORDED),
    # Care teams, and the way past them
    ("pages.add_to_team", "POST"): rule(CARERS, Action.TEAM_JOINED),
    ("pages.remove_from_team", "POST"): rule(CARERS, Action.TEAM_LEFT),
    ("pages.open_emergency", "GET"): rule(THERAPISTS, Action.EMERGENCY_OFFERED),
    ("pages.open_emergency", "POST"): rule(THERAPISTS, Action.EMERGENCY_OPENED),
    ("pages.emergencies", "GET"): rule(EXAMINERS, Action.EMERGENCIES_LISTED),
    ("pages.review_emergency", "POST"): rule(ADMINISTRATORS, Action.EMERGENCY_REVIEWED),
    # Drafts
    ("pages.start_draft", "POST"): rule(THERAPISTS, Action.DRAFT_STARTED),
    ("pages.draft", "GET"): rule(THERAPISTS, Action.DRAFT_VIEWED),
    ("pages.draft", "POST"): Rule(
        access=THERAPISTS, event=Action.DRAFT_SAVED, instead=frozenset({Action.DRAFT_VIEWED})
    ),
    ("pages.discard_draft", "POST"): Rule(
        access=THERAPISTS, event=Action.DRAFT_DISCARDED, instead=frozenset({Action.DRAFT_VIEWED})
    ),
    ("pages.check_draft", "GET"): rule(THERAPISTS, Action.DRAFT_VIEWED),
    ("pages.check_draft", "POST"): Rule(
        access=THERAPISTS,
        event=Action.PROGRAM_ISSUED,
        instead=frozenset({Action.DRAFT_SAVED, Action.DRAFT_VIEWED, Action.PROGRAM_VIEWED}),
    ),
    # Programs
    ("pages.program", "GET"): rule(READERS, Action.PROGRAM_VIEWED),
    ("pages.program_pdf", "GET"): rule(READERS, Action.PROGRAM_DOWNLOADED),
    ("pages.withdraw_program", "GET"): rule(THERAPISTS, Action.PROGRAM_VIEWED),
    ("pages.withdraw_program", "POST"): rule(THERAPISTS, Action.PROGRAM_WITHDRAWN),
    ("pages.history", "GET"): rule(READERS, Action.PROGRAMS_SEARCHED),
    ("pages.history", "POST"): rule(READERS),
    ("pages.history_csv", "GET"): Rule(access=CARERS, event=Action.HISTORY_EXPORTED, is_fresh=True),
    # The audit trail
    ("pages.audit", "GET"): rule(EXAMINERS, Action.AUDIT_SEARCHED),
    ("pages.audit", "POST"): rule(EXAMINERS),
    ("pages.audit_csv", "GET"): Rule(access=EXAMINERS, event=Action.AUDIT_EXPORTED, is_fresh=True),
    # People
    ("pages.people", "GET"): rule(ADMINISTRATORS, Action.PEOPLE_VIEWED),
    ("pages.person", "GET"): rule(ADMINISTRATORS, Action.PEOPLE_VIEWED),
    ("pages.invite_person", "GET"): fresh(ADMINISTRATORS),
    ("pages.invite_person", "POST"): fresh(ADMINISTRATORS, Action.USER_INVITED),
    ("pages.edit_roles", "GET"): fresh(ADMINISTRATORS, Action.PEOPLE_VIEWED),
    ("pages.edit_roles", "POST"): fresh(ADMINISTRATORS, Action.USER_EDITED),
    ("pages.disable_person", "GET"): fresh(ADMINISTRATORS, Action.PEOPLE_VIEWED),
    ("pages.disable_person", "POST"): fresh(ADMINISTRATORS, Action.USER_DISABLED),
    ("pages.enable_person", "GET"): fresh(ADMINISTRATORS, Action.PEOPLE_VIEWED),
    ("pages.enable_person", "POST"): fresh(ADMINISTRATORS, Action.USER_ENABLED),
    ("pages.sign_out_person", "GET"): fresh(ADMINISTRATORS, Action.PEOPLE_VIEWED),
    ("pages.sign_out_person", "POST"): fresh(ADMINISTRATORS, Action.SESSION_REVOKED),
    ("pages.invite_again", "GET"): fresh(ADMINISTRATORS, Action.PEOPLE_VIEWED),
    ("pages.invite_again", "POST"): fresh(ADMINISTRATORS, Action.USER_INVITED),
    ("pages.withdraw_invitation", "GET"): fresh(ADMINISTRATORS, Action.PEOPLE_VIEWED),
    ("pages.withdraw_invitation", "POST"): fresh(ADMINISTRATORS, Action.INVITATION_WITHDRAWN),
    ("pages.send_reset", "GET"): fresh(ADMINISTRATORS, Action.PEOPLE_VIEWED),
    ("pages.send_reset", "POST"): fresh(ADMINISTRATORS, Action.PASSWORD_RESET_ASKED),
    ("pages.reset_second_factor", "GET"): fresh(ADMINISTRATORS, Action.PEOPLE_VIEWED),
    ("pages.reset_second_factor", "POST"): fresh(ADMINISTRATORS, Action.SECOND_FACTOR_RESET),
    # The clinic's settings
    ("pages.clinic", "GET"): rule(ADMINISTRATORS),
    ("pages.edit_clinic", "GET"): rule(ADMINISTRATORS),
    ("pages.edit_clinic", "POST"): rule(ADMINISTRATORS, Action.CLINIC_EDITED),
    ("pages.clinic_policies", "GET"): fresh(ADMINISTRATORS),
    ("pages.clinic_policies", "POST"): fresh(ADMINISTRATORS, Action.CLINIC_EDITED),
    ("pages.logo", "GET"): rule(EVERYONE),
    ("pages.change_logo", "GET"): rule(ADMINISTRATORS),
    ("pages.change_logo", "POST"): rule(ADMINISTRATORS, Action.LOGO_CHANGED),
    ("pages.remove_logo", "POST"): rule(ADMINISTRATORS, Action.LOGO_CHANGED),
    ("pages.provider", "GET"): fresh(ADMINISTRATORS),
    ("pages.provider", "POST"): fresh(ADMINISTRATORS, Action.PROVIDER_CHANGED),
    ("pages.remove_provider", "POST"): fresh(ADMINISTRATORS, Action.PROVIDER_CHANGED),
    # The catalogue, which is no clinic's own
    ("pages.catalogue", "GET"): rule(EVERYONE),
    ("pages.sources", "GET"): rule(EVERYONE),
    ("pages.exercise", "GET"): rule(EVERYONE),
    ("pages.picture", "GET"): rule(EVERYONE),
    ("pages.movement", "GET"): rule(EVERYONE),
    # API
    ("api.openapi", "GET"): rule(EVERYONE, scope=Scope.CATALOGUE_READ),
    ("api.check_program", "POST"): rule(EVERYONE, scope=Scope.CATALOGUE_READ),
    ("api.catalogue", "GET"): rule(EVERYONE, scope=Scope.CATALOGUE_READ),
    ("api.exercise", "GET"): rule(EVERYONE, scope=Scope.CATALOGUE_READ),
    ("api.find_patients", "GET"): rule(READERS, Action.PATIENTS_SEARCHED, Scope.PATIENTS_READ),
    ("api.search_patients", "POST"): rule(READERS, Action.PATIENTS_SEARCHED, Scope.PATIENTS_READ),
    ("api.add_patient", "POST"): rule(CARERS, Action.PATIENT_ADDED, Scope.PATIENTS_WRITE),
    ("api.patient", "GET"): rule(READERS, Action.PATIENT_VIEWED, Scope.PATIENTS_READ),
    ("api.find_programs", "GET"): rule(READERS, Action.PROGRAMS_SEARCHED, Scope.PROGRAMS_READ),
    ("api.search_programs", "POST"): rule(READERS, Action.PROGRAMS_SEARCHED, Scope.PROGRAMS_READ),
    ("api.issue_program", "POST"): Rule(
        access=THERAPISTS,
        event=Action.PROGRAM_ISSUED,
        instead=frozenset({Action.PROGRAM_VIEWED}),
        scope=Scope.PROGRAMS_WRITE,
    ),
    ("api.program", "GET"): rule(READERS, Action.PROGRAM_VIEWED, Scope.PROGRAMS_READ),
    ("api.program_pdf", "GET"): rule(READERS, Action.PROGRAM_DOWNLOADED, Scope.PROGRAMS_READ),
    ("api.withdraw_program", "POST"): rule(THERAPISTS, Action.PROGRAM_WITHDRAWN, Scope.PROGRAMS_WRITE),
}


def rule_for(endpoint: str, method: str) -> Rule:
    """What holds for ``method`` of ``endpoint``; a rule for nobody when the table has no row."""
    # HEAD is a GET of which only the headers are sent.
    return POLICY.get((endpoint, "GET" if method == "HEAD" else method), NOBODY)


def access_to(endpoint: str, method: str) -> Access:
    """Who may call ``method`` of ``endpoint``."""
    return rule_for(endpoint, method).access


def scopes_for(roles: frozenset[Role]) -> tuple[Scope, ...]:
    """What a token of somebody with these roles can be made for: scopes that open them anything at all."""
    rows = [row for row in POLICY.values() if not isinstance(row.access, Public) and row.access & roles]
    return tuple(scope for scope in Scope if any(row.scope is scope for row in rows))
