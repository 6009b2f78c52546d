"""The document of the streams against the schema that the AsyncAPI initiative publishes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema_rs import Draft7Validator

from reference import asyncapi

SPECS = Path(__file__).parents[3] / "node_modules" / "@asyncapi" / "specs" / "schemas"


@pytest.fixture(scope="module")
def published() -> Draft7Validator:
    return Draft7Validator(json.loads((SPECS / "3.0.0-without-$id.json").read_text()))


def test_it_is_valid_asyncapi(published: Draft7Validator) -> None:
    assert [f"{error.instance_path}: {error.message}" for error in published.iter_errors(asyncapi.document())] == []


def test_the_schema_would_find_a_fault(published: Draft7Validator) -> None:
    document = asyncapi.document()
    document["operations"]["stream.receive"]["action"] = "listen"
    assert not published.is_valid(document)
