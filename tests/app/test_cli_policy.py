"""The table of who may call what, as it is written down."""

import pytest

from app.config import ROOT
from app.policy import POLICY

WRITTEN = ROOT / "docs" / "policy.md"


@pytest.mark.asvs("6.1.3", "8.1.1")
def test_the_written_table_is_what_holds(app):
    printed = app.test_cli_runner().invoke(args=["policy"]).output

    assert printed == WRITTEN.read_text(encoding="utf-8"), "Run: flask --app wsgi policy > docs/policy.md"


def test_it_has_a_row_for_each_endpoint_and_method():
    written = WRITTEN.read_text(encoding="utf-8")

    assert [row for row in POLICY if f"| `{row[0]}` | {row[1]} | `/" not in written] == []
