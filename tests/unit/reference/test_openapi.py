"""The document of the API against the code it is made from."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from core import errors
from core.domain.events import EventType
from core.errors import KallglotError
from reference import openapi
from reference.codes import CODES
from reference.events import EVENTS
from reference.files import FILES
from reference.routes import ROUTES

ROOT = Path(__file__).parents[3]
DOCUMENT = openapi.document()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_committed_document_is_what_the_code_says(path: Path) -> None:
    assert path.read_text() == FILES[path](), "run `make reference` and look at the difference"


def test_it_is_valid_openapi() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_every_route_is_in_it_under_an_id_of_its_own() -> None:
    operations = [operation for path in DOCUMENT["paths"].values() for operation in path.values()]

    assert len(operations) == len(ROUTES)
    assert len({operation["operationId"] for operation in operations}) == len(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_route_says_what_it_does(route: Any) -> None:
    assert route.summary and not route.summary.endswith(".")
    assert route.run.__doc__, "customers read the docstring of a handler"


def test_every_event_that_customers_get_is_described() -> None:
    assert EVENTS.keys() == {kind for kind in EventType if not kind.is_internal}


def test_every_code_that_is_raised_is_explained_and_of_the_class_that_it_is_raised_with() -> None:
    raised = set(codes_raised())
    assert len(raised) > 15
    wrong = {
        (code, kind) for code, kind in raised if code not in CODES or not issubclass(CODES[code].kind, class_of(kind))
    }
    assert not wrong


def test_every_example_fits_its_schema() -> None:
    found = list(examples(DOCUMENT))
    assert len(found) > 30
    for schema, value in found:
        validator = Draft202012Validator(schema | {"components": DOCUMENT["components"]}, validate_formats=True)
        assert [error.message for error in validator.iter_errors(value)] == []


@pytest.mark.parametrize("keyword", ["ge", "le", "gt", "lt", "max_length", "min_length"])
def test_no_constraint_is_said_in_words_that_json_schema_does_not_have(keyword: str) -> None:
    """pydantic writes them so where a `BeforeValidator` stands in front of the `Field` with the constraint."""
    assert keyword not in keys(DOCUMENT)


def keys(node: Any) -> set[str]:
    if isinstance(node, dict):
        return set(node).union(*map(keys, node.values()))
    return set().union(*map(keys, node)) if isinstance(node, list) else set()


def codes_raised() -> Iterator[tuple[str, str]]:
    """(code, class) wherever an error that REST can answer with is made with a literal code."""
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, KallglotError)}
    for folder in ("core/domain", "core/services", "core/adapters", "lambdas/rest"):
        for source in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(source.read_text())):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id in kinds
                    and node.args
                ):
                    first = node.args[0]
                    if isinstance(first, ast.Constant) and first.value not in NOT_OVER_REST:
                        yield str(first.value), node.func.id


NOT_OVER_REST = frozenset(
    {"invalid_stream_token", "connection_unknown", "chunk_not_found", "too_many_watchers", "too_many_subscriptions"}
    | {"connection_not_found", "number_taken", "telephony_busy", "too_many_connections", "too_many_numbers"}
    | {"model_not_found", "wrong_range"}
)
"""Codes of sockets, between our own parts, and of the operator's commands."""


def class_of(name: str) -> type[Exception]:
    found: type[Exception] = getattr(errors, name)
    return found


def examples(node: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    if isinstance(node, dict):
        if "schema" in node and "examples" in node:
            for example in node["examples"].values():
                yield node["schema"], example["value"]
        if "schema" in node and "example" in node:
            yield node["schema"], node["example"]
        for each in node.values():
            yield from examples(each)
    elif isinstance(node, list):
        for each in node:
            yield from examples(each)
