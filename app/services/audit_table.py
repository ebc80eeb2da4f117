"""A line of the trail as cells of a table, for the page's CSV and the command line's."""

from zoneinfo import ZoneInfo

from app.models import AuditEvent

COLUMNS = (
    "number",
    "at",
    "action",
    "outcome",
    "detail",
    "person",
    "roles",
    "patient",
    "object",
    "request",
    "ip",
    "browser SHA-256",
    "catalogue version",
    "key number",
    "code",
)


def cells(event: AuditEvent, time_zone: str) -> tuple[str, ...]:
    """The event as text, its instant on the clinic's clock."""
    return (
        str(event.n),
        event.at.astimezone(ZoneInfo(time_zone)).isoformat(),
        event.action,
        event.outcome,
        event.detail or "",
        event.actor_id,
        event.actor_roles,
        event.patient_id or "",
        event.object_id or "",
        event.request_id or "",
        event.ip or "",
        event.agent_sha256 or "",
        event.pack_version or "",
        str(event.key_number),
        event.mac,
    )
