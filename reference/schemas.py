"""pydantic models → the schemas of `components`, in the words of JSON Schema 2020-12, which OpenAPI 3.1 speaks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from reference.objects import all_objects
from reference.rules import RULES


def schemas(models: Iterable[type[BaseModel]], *, closed: bool) -> dict[str, Any]:
    """By the models' names, with all that they are made of.

    What we answer may grow, so only `closed` schemas forbid what they do not name; what we are sent may not.
    """
    chosen = sorted(models, key=lambda model: model.__name__)
    _, made = models_json_schema(
        [(model, "validation") for model in chosen], ref_template="#/components/schemas/{model}"
    )
    rules = {model.__name__: rule for model, rule in RULES.items()}
    found: dict[str, Any] = {name: tidied(schema) | rules.get(name, {}) for name, schema in made["$defs"].items()}
    open_ended = set() if closed else set(all_objects())
    return {name: _opened(schema) if name in open_ended else schema for name, schema in found.items()}


def _opened(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if (key, value) != ("additionalProperties", False)}


def tidied(node: Any) -> Any:
    """Without the titles that pydantic makes of names, and without defaults that only say "may be missing"."""
    if isinstance(node, list):
        return [tidied(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {key: value for key, value in node.items() if not _is_noise(key, value)}
    return {key: tidied(value) if key != "properties" else _properties(value) for key, value in kept.items()}


def _properties(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: tidied(field) for name, field in fields.items()}


def _is_noise(key: str, value: Any) -> bool:
    return (key == "title" and isinstance(value, str)) or (key == "default" and value is None)
