"""What happened, in words: "Alma Reyes viewed a patient's record". Every event has its words; no name of a patient."""

from collections.abc import Mapping

from app.models import Action, AuditEvent
from app.services.audit import REFUSED

DID: Mapping[Action, str] = {
    Action.SIGNED_IN: "signed in",
    Action.SIGN_IN_REFUSED: "was not signed in",
    Action.SIGNED_OUT: "signed out",
    Action.SESSION_REVOKED: "ended a sign-in",
    Action.PROVED_AGAIN: "proved again who they are",
    Action.USER_ADDED: "was added from the command line",
    Action.USER_INVITED: "invited somebody",
    Action.INVITATION_ACCEPTED: "accepted an invitation",
    Action.INVITATION_WITHDRAWN: "withdrew an invitation",
    Action.USER_EDITED: "edited somebody's name or roles",
    Action.PROVIDER_CONNECTED: "connected their account with the clinic's identity provider",
    Action.PROVIDER_DISCONNECTED: "disconnected an account from the clinic's identity provider",
    Action.USER_DISABLED: "closed somebody's account",
    Action.USER_ENABLED: "opened somebody's account again",
    Action.PEOPLE_VIEWED: "viewed the people of the clinic",
    Action.PASSWORD_CHANGED: "changed their password",
    Action.PASSWORD_RESET_ASKED: "asked for a new password",
    Action.PASSWORD_RESET: "set a new password",
    Action.SECOND_FACTOR_ADDED: "added a second factor",
    Action.SECOND_FACTOR_REMOVED: "removed a second factor",
    Action.SECOND_FACTOR_RESET: "took back somebody's second factors",
    Action.SECOND_FACTOR_REFUSED: "gave a wrong second factor",
    Action.RECOVERY_CODES_MADE: "made recovery codes",
    Action.RECOVERY_CODE_USED: "used a recovery code",
    Action.TOKEN_ADDED: "made an API token",
    Action.TOKEN_REVOKED: "revoked an API token",
    Action.CLINIC_EDITED: "edited the clinic",
    Action.LOGO_CHANGED: "changed the clinic's logo",
    Action.PROVIDER_CHANGED: "changed where people sign in",
    Action.KEYS_RENEWED: "renewed the clinic's keys",
    Action.ACCESS_REFUSED: "asked for what is not theirs",
    Action.PATIENTS_SEARCHED: "searched the patients",
    Action.PATIENT_VIEWED: "viewed a patient's record",
    Action.PATIENT_ADDED: "added a patient",
    Action.PATIENT_EDITED: "edited a patient",
    Action.TEAM_JOINED: "put somebody into a care team",
    Action.TEAM_LEFT: "took somebody out of a care team",
    Action.EMERGENCY_OFFERED: "came to a record outside their care team",
    Action.EMERGENCY_OPENED: "opened a record in an emergency",
    Action.EMERGENCY_REVIEWED: "reviewed an emergency access",
    Action.EMERGENCIES_LISTED: "viewed the emergency accesses",
    Action.SCREENING_VIEWED: "viewed a screening",
    Action.SCREENING_RECORDED: "recorded a screening",
    Action.DRAFT_VIEWED: "viewed a draft",
    Action.DRAFT_STARTED: "started a draft",
    Action.DRAFT_SAVED: "saved a draft",
    Action.DRAFT_DISCARDED: "discarded a draft",
    Action.PROGRAM_ISSUED: "issued a program",
    Action.PROGRAM_VIEWED: "viewed a program",
    Action.PROGRAM_DOWNLOADED: "downloaded a program",
    Action.PROGRAM_DAMAGED: "was refused a damaged handout",
    Action.PROGRAM_WITHDRAWN: "withdrew a program",
    Action.PROGRAMS_SEARCHED: "searched the programs",
    Action.HISTORY_EXPORTED: "downloaded the history",
    Action.AUDIT_SEARCHED: "searched the audit trail",
    Action.AUDIT_EXPORTED: "downloaded the audit trail",
}
"""What somebody did, after their name."""

NOBODY = "Somebody"


def sentence(event: AuditEvent, people: Mapping[str, str]) -> tuple[str, str]:
    """Who, and what they did."""
    return people.get(event.actor_id, NOBODY), did(event.action, event.outcome)


def did(action: str, outcome: str = "done") -> str:
    """What was done, after a name; also for an event that a later version knows."""
    words = DID[Action(action)] if action in set(Action) else action
    says_so = action in {Action.SIGN_IN_REFUSED, Action.SECOND_FACTOR_REFUSED, Action.ACCESS_REFUSED}
    return f"{words} (refused)" if outcome == REFUSED and not says_so else words
