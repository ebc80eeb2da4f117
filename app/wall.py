"""The wall between clinics in the ORM and at the database's door. PostgreSQL has a second one: ``app.models.walls``.

What an ORM statement selects, updates or deletes is narrowed to the clinic of the transaction. What the ORM can't
narrow (Core statements, text, raw connections) is let through only when it carries the clinic's id as a parameter.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, cast
from weakref import WeakSet

from sqlalchemy import Connection, Engine, Select, event, inspect
from sqlalchemy.orm import ORMExecuteState, Session, scoped_session, with_loader_criteria

from app.models import AuditHead, Base, Clinic, SignInName
from app.models.base import ClinicRow
from app.scope import INSTALLATION, NoClinicError, Scope, Wide, current

OUTSIDE = frozenset({SignInName.__tablename__, "rate_counter"})
"""Tables that lead to a clinic, or belong to none. They hold keyed hashes and ids."""

WALLED = frozenset(Base.metadata.tables) - OUTSIDE

_NAMES = re.compile(rf"\b(?:{'|'.join(sorted(WALLED))})\b", re.IGNORECASE)
_UNREAD = "unread"
_flushing: ContextVar[bool] = ContextVar("holdwell_flushing", default=False)


def guard_session(session: "scoped_session[Any]") -> None:
    """Narrow every ORM statement of the session, and refuse foreign rows on their way in."""
    event.listen(session, "do_orm_execute", _narrow)
    event.listen(session, "after_attach", _remember_unread)
    event.listen(session, "before_flush", _refuse_foreign_rows)
    event.listen(session, "after_flush", _flushed)
    event.listen(session, "after_soft_rollback", _flushed)
    event.listen(session, "after_begin", _tell_postgresql)


def guard_engine(engine: Engine) -> None:
    """Let no statement through that names a clinic's table without naming the clinic."""
    event.listen(engine, "before_cursor_execute", _refuse_unbound)


def _narrow(state: ORMExecuteState) -> None:
    scope = _known(current())
    if not isinstance(scope, str):
        return  # a sign-in is refused at the door whatever is not outside the wall
    if state.is_column_load and state.bind_mapper is not None:  # such a load takes no criteria
        column = _owner_of(state.bind_mapper.class_)
        if column is not None:
            state.statement = cast("Select[Any]", state.statement).where(column == scope)
    state.statement = state.statement.options(
        with_loader_criteria(ClinicRow, lambda model: model.clinic_id == scope, include_aliases=True),
        with_loader_criteria(Clinic, lambda model: model.id == scope, include_aliases=True),
        with_loader_criteria(AuditHead, lambda model: model.clinic_id == scope, include_aliases=True),
    )


def _owner_of(model: type) -> Any:  # noqa: ANN401 - a column
    return Clinic.id if model is Clinic else getattr(model, "clinic_id", None)


def _known(scope: Scope | None) -> Scope:
    if scope is None:
        raise NoClinicError("No clinic in context: open a unit of work for one.")
    return scope


def _remember_unread(session: Session, row: object) -> None:
    # It has a key, so it says that it is in the database, but it did not come from there just now.
    if inspect(row).key is not None:
        session.info.setdefault(_UNREAD, WeakSet()).add(row)


def _refuse_foreign_rows(session: Session, _context: object, _instances: object) -> None:
    scope = _known(current())
    unread = session.info.get(_UNREAD, ())
    for row in (*session.new, *session.dirty, *session.deleted):
        if scope is not INSTALLATION and (_clinic_of(row) != scope or row in unread):
            raise NoClinicError(
                f"A {type(row).__name__} of another clinic, or of nobody knows which, was to be written."
            )
    # What was looked at row by row needs no clinic in its statement: an UPDATE by primary key has none.
    _flushing.set(True)


def _clinic_of(row: object) -> object:
    if isinstance(row, SignInName):  # written in its clinic's scope, read outside
        return row.clinic_id
    if type(row).__tablename__ in OUTSIDE:  # type: ignore[attr-defined]  # every row of ours has one
        return current()
    return row.id if isinstance(row, Clinic) else getattr(row, "clinic_id", None)


def _flushed(*_: object) -> None:
    _flushing.set(False)


def _tell_postgresql(_session: Session, _transaction: object, connection: Connection) -> None:
    """Tell the row-level security whose transaction this is; it ends with the transaction."""
    scope = current()
    if connection.dialect.name == "postgresql" and scope is not None and scope is not Wide.SIGN_IN:
        clinic = "*" if scope is INSTALLATION else scope
        connection.exec_driver_sql("SELECT set_config('holdwell.clinic', %s, true)", (clinic,))


def _refuse_unbound(
    _connection: Connection,
    _cursor: object,
    statement: str,
    parameters: Any,  # noqa: ANN401 - the driver's
    context: Any,  # noqa: ANN401 - SQLAlchemy's
    executemany: bool,  # noqa: FBT001 - fixed by SQLAlchemy
) -> None:
    scope = current()
    if scope is INSTALLATION or _flushing.get() or not _NAMES.search(statement):
        return
    if not isinstance(_known(scope), str):
        raise NoClinicError("A sign-in reads nothing of a clinic before it knows which.")
    if not all(_is_bound(given, context, scope) for given in (parameters if executemany else [parameters])):
        raise NoClinicError("A statement names a clinic's table, but not the clinic.")


def _is_bound(given: Any, context: Any, scope: Scope | None) -> bool:  # noqa: ANN401 - the driver's, SQLAlchemy's
    return scope in _values(given) and not _inserts_elsewhere(context, given, scope)


def _values(parameters: Mapping[str, object] | Sequence[object]) -> Iterable[object]:
    return parameters.values() if isinstance(parameters, Mapping) else parameters


def _inserts_elsewhere(context: Any, given: object, scope: Scope | None) -> bool:  # noqa: ANN401 - SQLAlchemy's
    """Whether a Core INSERT writes a clinic other than the scope's."""
    if context is None or not context.isinsert or context.compiled is None:
        return False
    names = context.compiled.positiontup or ()
    # the driver's own kind of tuple
    named = given if isinstance(given, Mapping) else dict(zip(names, cast("tuple[object]", given), strict=False))
    return any(value != scope for name, value in named.items() if str(name).startswith("clinic_id"))
