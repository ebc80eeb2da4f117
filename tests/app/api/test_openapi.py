"""The description: every route of the API, and nothing else."""

import re

import pytest

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def description(staff):
    """The OpenAPI description as a caller gets it."""
    return staff.get("/openapi.json").json


@pytest.mark.asvs("2.1.1")
def test_every_route_of_the_api_is_described_and_nothing_else(app, description):
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }

    described = {
        (path, method) for path, operations in description["paths"].items() for method in METHODS & operations.keys()
    }

    assert described == routes


def test_every_operation_says_what_it_does_and_needs_a_sign_in(description):
    operations = [o for path in description["paths"].values() for method, o in path.items() if method in METHODS]

    assert all(operation["summary"] for operation in operations)
    assert all("401" in operation["responses"] for operation in operations)
    assert description["security"] == [{"token": []}, {"session": []}]


@pytest.mark.asvs("2.1.1")
def test_the_program_file_is_described_field_by_field(description):
    body = description["paths"]["/api/v1/check"]["post"]["requestBody"]["content"]["application/json"]["schema"]

    item = body["properties"]["items"]["items"]
    assert item["properties"]["hold_seconds"] == {"type": "integer", "minimum": 1, "maximum": 999}
    assert body["required"] == ["format", "items"]


@pytest.mark.asvs("13.4.5")
def test_the_description_needs_a_sign_in_too(anonymous):
    assert anonymous.get("/api/v1/openapi.json").status_code == 401
