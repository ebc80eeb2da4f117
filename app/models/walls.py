"""Row-level security on PostgreSQL: the wall between clinics that stands whatever the service asks for.

The role that the service signs in as owns nothing. It sees the rows of the clinic that its transaction named in
``holdwell.clinic``, and none before it named one. The owner, who migrates and looks after the installation, is bound as
well (FORCE), but may name "*": all clinics. SQLite has nothing of the kind; there the wall is ``app.wall`` alone.

``migrations/env.py`` puts the wall up anew after every run; ``app.models.walls_check`` sees whether it stands.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, inspect

from app.models.audit import AuditHead
from app.models.base import Base
from app.models.clinic import Clinic
from app.models.sign_in import SignInName
from app.models.triggers import frozen_tables

VERSION = "alembic_version"

# In PostgreSQL's own words, so that what is there can be compared with what should be.
_NAMED = "current_setting('holdwell.clinic'::text, true)"


class WallsError(Exception):
    """Row-level security can't be put up; the sentence says what to do."""


def install_walls(connection: Connection, role: str) -> None:
    """Put up, or put up again, the wall around every table, and give ``role`` what the service needs and no more."""
    if connection.dialect.name != "postgresql":
        return
    refuse_role(connection, role)
    owner: str = connection.exec_driver_sql("SELECT current_user").scalar_one()
    quoted = connection.dialect.identifier_preparer.quote
    for name in sorted(set(inspect(connection).get_table_names()) & {*Base.metadata.tables, VERSION}):
        for statement in (*_wall(connection, name, owner, role), *_grants(name, quoted(role))):
            connection.exec_driver_sql(statement)
    connection.exec_driver_sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public TO {quoted(role)}")
    # A trigger needs nobody's permission to call it; nothing else is to.
    connection.exec_driver_sql("REVOKE ALL ON FUNCTION holdwell_refuse() FROM PUBLIC")


def refuse_role(connection: Connection, role: str) -> None:
    """Raise WallsError unless ``role`` exists, is not whoever asks, and has no right to pass by the walls."""
    if connection.dialect.name != "postgresql":
        return
    owner = connection.exec_driver_sql("SELECT current_user").scalar_one()
    query = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = %s"
    is_above = connection.exec_driver_sql(query, (role,)).scalar_one_or_none()
    quoted = connection.dialect.identifier_preparer.quote(role)
    if is_above is None:
        raise WallsError(f"The service has no role yet. Make it: CREATE ROLE {quoted} LOGIN PASSWORD '...'")
    if role == owner:
        raise WallsError(f"The service signs in as {role}: migrate as another role, which then owns the tables.")
    if is_above:
        raise WallsError(f"No wall holds this role. Take its rights away: ALTER ROLE {quoted} NOSUPERUSER NOBYPASSRLS")


def walled_tables() -> dict[str, str]:
    """The tables that the wall goes through, each with the column that says whose a row is."""
    named = {name: "clinic_id" for name, table in Base.metadata.tables.items() if "clinic_id" in table.columns}
    del named[SignInName.__tablename__]  # it leads from an address to a clinic
    return named | {Clinic.__tablename__: "id"}


def policies(table: str, owner: str, role: str) -> dict[str, tuple[str, str]]:
    """The policies of a table: to whom they apply, and for which rows."""
    column = walled_tables()[table]
    of_the_clinic = f"(({column})::text = {_NAMED})"
    return {
        f"{table}_of_the_clinic": (role, of_the_clinic),
        f"{table}_of_the_owner": (owner, f"(({_NAMED} = '*'::text) OR {of_the_clinic})"),
    }


def grants() -> dict[str, tuple[str, ...]]:
    """What the service may do with each table."""
    return {
        **dict.fromkeys(Base.metadata.tables, ("DELETE", "INSERT", "SELECT", "UPDATE")),
        **{table.name: ("INSERT", "SELECT") for table in frozen_tables()},
        AuditHead.__tablename__: ("INSERT", "SELECT", "UPDATE"),
        Clinic.__tablename__: ("SELECT", "UPDATE"),  # added from the command line, and never deleted
        VERSION: ("SELECT",),
    }


def _wall(connection: Connection, table: str, owner: str, role: str) -> Iterator[str]:
    if table not in walled_tables():
        return
    quoted = connection.dialect.identifier_preparer.quote
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    standing = connection.exec_driver_sql(
        "SELECT polname FROM pg_policy WHERE polrelid = to_regclass(%s)", (f"public.{table}",)
    )
    for name in standing.scalars().all():
        yield f"DROP POLICY {quoted(name)} ON {table}"
    for name, (whom, rows) in policies(table, owner, role).items():
        yield f"CREATE POLICY {name} ON {table} TO {quoted(whom)} USING {rows} WITH CHECK {rows}"


def _grants(table: str, role: str) -> Iterator[str]:
    yield f"REVOKE ALL ON {table} FROM PUBLIC, {role}"
    yield f"GRANT {', '.join(grants()[table])} ON {table} TO {role}"
