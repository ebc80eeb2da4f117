"""The threat model names what there is: every table, tests that exist, and the limits as the code has them."""

import re
from pathlib import Path

import pytest

from app import edges
from app.models import Base
from app.policy import POLICY, PUBLIC
from app.services import (
    api_tokens,
    logo_worker,
    logos,
    outbound,
    passkeys,
    passwords,
    printing,
    resets,
    sessions,
    throttle,
)
from app.services.throttle import PER_PERSON, Quota

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")


def table_below(heading):
    """The rows below a heading, each as its cells."""
    section = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [
        [cell.strip() for cell in row.strip("|").split("|")] for row in re.findall(r"^\|.+\|$", section, re.MULTILINE)
    ]


def often(limit):
    """How often, in how long."""
    unit = {"second": "seconds", "minute": "minutes", "hour": "hour"}[limit.GRANULARITY.name]
    return f"{limit.amount} in {limit.multiples} {unit}"


def seconds_of(span):
    return f"{span.total_seconds():.0f}"


def limits():
    """What the code says."""
    kib = edges.KIB
    return {
        "Passwords tried for an account": often(throttle.PASSWORDS),
        "Codes tried for an account": often(throttle.CODES),
        "Sign-ins tried from one network address": often(throttle.FROM_ONE_PLACE),
        "Links to a new password, for one mailbox": often(resets.TO_ONE_PERSON),
        "Requests for such links from one network address": often(resets.FROM_ONE_PLACE),
        "A sign-in without use": f"{sessions.IDLE.seconds // 60} minutes",
        "A sign-in": f"{sessions.LONGEST_SESSION.seconds // 3600} hours",
        "A proof, for what asks for a fresh one": f"{sessions.FRESH.seconds // 60} minutes",
        "Sign-ins of one person at once": "no limit: each is listed and can be ended",
        "Records opened by one person": often(PER_PERSON[Quota.RECORDS]),
        "Searches of one person": often(PER_PERSON[Quota.SEARCHES]),
        "Exports of one person": often(PER_PERSON[Quota.EXPORTS]),
        "Programs issued by one person": often(PER_PERSON[Quota.RENDERS]),
        "API tokens, passkeys of one person": f"{api_tokens.MOST}, {passkeys.MOST}",
        "Characters of a password": f"{passwords.SHORTEST} to {passwords.LONGEST}, none of the "
        f"{len(passwords.LEAKED):,} that leaked most often, none made of common words or of the names of person and "
        "clinic",
        "A JSON body, a form": f"{edges.LARGEST_JSON // kib} KiB, {edges.LARGEST_FORM // kib} KiB",
        "A logo: PNG or JPEG": f"{logos.LARGEST} octets, {logo_worker.MOST_PIXELS} pixels; drawn anew, or refused",
        "Handouts printed at once": f"{printing.WORKERS}, each for {printing.SECONDS:.0f} seconds",
        "Logos read at once": f"2, each for {logos.SECONDS:.0f} seconds",
        "Steps to and from a provider, from one network address": often(throttle.PROVIDER_PLACES),
        "Steps to and from one clinic's provider": often(throttle.PROVIDER_CLINICS),
        "Answers of a provider": f"{outbound.AT_ONCE} at once, each of {outbound.LARGEST // kib} KiB and "
        f"{outbound.SECONDS:.0f} seconds",
    }


@pytest.mark.asvs("2.1.3", "5.1.1", "6.1.1", "7.1.1", "7.1.2", "15.1.3")
def test_the_limits_are_those_of_the_code():
    written = dict(table_below("Limits")[2:])

    assert written == limits()


@pytest.mark.asvs("14.1.1")
def test_every_table_of_the_database_is_among_what_is_to_be_protected():
    named = [name for row in table_below("What there is to protect")[2:] for name in re.findall(r"`(\w+)`", row[1])]

    assert sorted(named) == sorted(Base.metadata.tables)


def test_it_counts_the_doors_that_are_open_to_strangers():
    doors = sum(rule.access is PUBLIC for rule in POLICY.values())

    assert doors == 16
    assert "sixteen doors" in TEXT


def test_every_threat_has_a_control_and_names_tests_that_are_there():
    rows = table_below("Threats")[2:]
    tests = [re.findall(r"`(tests/[^`]+)`", row[3]) for row in rows]

    assert [row for row in rows if len(row) != 4 or not all(row)] == []
    assert all(tests)
    assert [name for named in tests for name in named if not (ROOT / name).is_file()] == []
