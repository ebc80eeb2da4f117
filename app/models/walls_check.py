"""Whether the walls of ``app.models.walls`` stand as they were put up."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

from app.models.walls import grants, policies, walled_tables

BOUND = """
SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = :role
"""
TOO_MUCH = {
    "rolsuper": "is a superuser",
    "rolbypassrls": "passes by row-level security",
    "rolcreaterole": "can make roles",
    "rolcreatedb": "can make databases",
    "rolreplication": "can copy the whole server",
}
"""Rights of a role that the service must not have."""

MEMBER_OF = """
SELECT pg_get_userbyid(roleid) AS name FROM pg_auth_members WHERE pg_get_userbyid(member) = :role
"""
OWNED = """
SELECT count(*) FROM pg_shdepend JOIN pg_roles ON pg_roles.oid = refobjid
WHERE refclassid = 'pg_authid'::regclass AND deptype = 'o' AND rolname = :role
"""
TABLES = """
SELECT relname AS name, pg_get_userbyid(relowner) AS owner, relrowsecurity AS is_on, relforcerowsecurity AS is_forced
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
"""
POLICIES = """
SELECT tablename, policyname, permissive, roles::text[] AS roles, cmd, qual, with_check
FROM pg_policies WHERE schemaname = 'public'
"""
GRANTS = """
SELECT relname AS name, privilege_type AS privilege, grantee = 0 AS is_public, is_grantable
FROM pg_class, aclexplode(relacl) AS acl
WHERE grantee = 0 AND relnamespace = 'public'::regnamespace
  OR grantee = (SELECT oid FROM pg_roles WHERE rolname = :role)
"""
COLUMN_GRANTS = """
SELECT DISTINCT attrelid::regclass::text AS name
FROM pg_attribute, aclexplode(attacl) AS acl JOIN pg_class ON true
WHERE pg_class.oid = attrelid AND relnamespace = 'public'::regnamespace
  AND grantee IN (0, (SELECT oid FROM pg_roles WHERE rolname = :role))
"""
CAN_MAKE = """
SELECT has_schema_privilege(:role, 'public', 'CREATE') AS in_schema,
       has_database_privilege(:role, current_database(), 'CREATE') AS in_database,
       EXISTS (SELECT 1 FROM pg_proc WHERE proname = 'holdwell_refuse' AND pronamespace = 'public'::regnamespace
               AND has_function_privilege(:role, oid, 'EXECUTE')) AS may_call
"""
BORROWED = """
SELECT proname AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
UNION ALL
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')
  AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)
"""
"""Functions and views that look with the eyes of whoever made them."""


def missing_walls(connection: Connection, role: str) -> list[str]:
    """What does not stand as it was put up, a sentence each; nothing on SQLite."""
    if connection.dialect.name != "postgresql":
        return []
    if not _rows(connection, BOUND, role):
        return [f"The database has no role {role} for the service."]
    return [
        *_of_the_role(connection, role),
        *_of_the_tables(connection),
        *_of_the_policies(connection, role),
        *_of_the_grants(connection, role),
        *_of_what_else(connection, role),
    ]


def _rows(connection: Connection, query: str, role: str = "") -> Sequence[Row[Any]]:
    return connection.execute(text(query), {"role": role} if ":role" in query else {}).all()


def _of_the_role(connection: Connection, role: str) -> Iterator[str]:
    (rights,) = _rows(connection, BOUND, role)
    yield from (f"The role {role} {said}." for name, said in TOO_MUCH.items() if getattr(rights, name))
    yield from (f"The role {role} is a member of {row.name}." for row in _rows(connection, MEMBER_OF, role))
    (owned,) = _rows(connection, OWNED, role)
    if owned[0]:
        yield f"The role {role} owns something; it must own nothing."


def _of_the_tables(connection: Connection) -> Iterator[str]:
    there = {row.name: row for row in _rows(connection, TABLES)}
    for table in walled_tables():
        if table not in there:
            yield f"The table {table} is missing."
        elif not there[table].is_on:
            yield f"Row-level security is off for {table}."
        elif not there[table].is_forced:
            yield f"Row-level security does not bind the owner of {table}."


def _of_the_policies(connection: Connection, role: str) -> Iterator[str]:
    wanted = _wanted_policies(connection, role)
    found = {(*row[:3], tuple(row.roles), *row[4:]) for row in _rows(connection, POLICIES)}
    for table, name in sorted(_names(wanted - found)):
        yield f"The policy {name} of {table} is missing or was changed."
    for table, name in sorted(_names(found) - _names(wanted)):
        yield f"The policy {name} of {table} is not ours."


def _wanted_policies(connection: Connection, role: str) -> set[tuple[Any, ...]]:
    owners = {row.name: row.owner for row in _rows(connection, TABLES)}
    return {
        (table, name, "PERMISSIVE", (whom,), "ALL", rows, rows)
        for table in walled_tables()
        for name, (whom, rows) in policies(table, owners.get(table, ""), role).items()
    }


def _names(some: set[tuple[Any, ...]]) -> set[tuple[str, str]]:
    return {(table, name) for table, name, *_ in some}


def _of_the_grants(connection: Connection, role: str) -> Iterator[str]:
    found: dict[str, set[str]] = {}
    for row in _rows(connection, GRANTS, role):
        if row.is_public and row.name in grants():
            yield f"Everybody may {row.privilege} {row.name}."
        if row.is_grantable:
            yield f"The role {role} may let others {row.privilege} {row.name}."
        if not row.is_public:
            found.setdefault(row.name, set()).add(row.privilege)
    for name in sorted({*found, *grants()}):
        yield from _of_the_table(name, role, set(grants().get(name, ())), found.get(name, set()))
    yield from (f"Rights on columns of {row.name} were granted." for row in _rows(connection, COLUMN_GRANTS, role))


def _of_the_table(name: str, role: str, wanted: set[str], has: set[str]) -> Iterator[str]:
    yield from (f"The role {role} may {act} {name}." for act in sorted(has - wanted))
    yield from (f"The role {role} may not {act} {name}." for act in sorted(wanted - has))


def _of_what_else(connection: Connection, role: str) -> Iterator[str]:
    (can,) = _rows(connection, CAN_MAKE, role)
    if can.in_schema or can.in_database:
        yield f"The role {role} can make tables."
    if can.may_call:
        yield f"The role {role} may call holdwell_refuse, which is for triggers."
    yield from (f"{row.name} looks with its owner's eyes." for row in _rows(connection, BORROWED))
