"""The rules between the fields of a body, which `lambdas/rest/requests.py` checks, in the words of JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from lambdas.rest.agent_schemas import AgentIn, ToolResult
from lambdas.rest.knowledge_schemas import CreateDocument
from lambdas.rest.schemas import CreateSession, RoutingIn


def _given(*names: str) -> dict[str, Any]:
    """A field given as null counts as left out."""
    return {"properties": {name: {"not": {"type": "null"}} for name in names}, "required": list(names)}


def _left_out(*names: str) -> dict[str, Any]:
    return {"properties": {name: {"type": "null"} for name in names}}


def _never_both(one: str, other: str) -> dict[str, Any]:
    return {"anyOf": [_left_out(one), _left_out(other)]}


_DESCRIBED = tuple(name for name in AgentIn.model_fields if name not in ("id", "overrides"))

RULES: Mapping[type[BaseModel], Mapping[str, Any]] = MappingProxyType(
    {
        CreateSession: {
            "allOf": [
                _never_both("provider", "routing"),
                {
                    "if": {"properties": {"mode": {"const": "ai_agent"}}, "required": ["mode"]},
                    "then": _given("ai_agent"),
                },
                {
                    "if": {
                        "properties": {
                            "mode": {"not": {"const": "help_chat_voice"}},
                            "ai_agent": {"type": "object", **_left_out("id")},
                        },
                        "required": ["ai_agent"],
                    },
                    "then": {"properties": {"ai_agent": _given("system_prompt")}},
                },
            ]
        },
        AgentIn: {
            "anyOf": [
                {"allOf": [_given("id"), _left_out(*_DESCRIBED)]},
                _left_out("id", "overrides"),
            ]
        },
        ToolResult: {
            "anyOf": [
                {"required": ["result"], **_left_out("error")},
                {"allOf": [_given("error"), _left_out("result")]},
            ]
        },
        CreateDocument: {
            "anyOf": [
                {
                    "allOf": [_given("text"), _left_out("size")],
                    "properties": {"content_type": {"not": {"const": "application/pdf"}}},
                },
                {"allOf": [_given("size"), _left_out("text")]},
            ]
        },
        RoutingIn: {
            "allOf": [
                _never_both("phone_number", "connection_id"),
                _never_both("phone_number", "type"),
                _never_both("connection_id", "type"),
                {"anyOf": [_left_out("sip"), _given("type")]},
            ]
        },
    }
)
