"""Examples, by operation: the seeds' own where there are some, to the letter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.errors import RateLimited, Unavailable
from lambdas.rest.errors import Failure
from reference.codes import CODES

_FOLDER = Path(__file__).parents[1] / "tests" / "data" / "seeds"


def _seed(name: str) -> Any:
    return json.loads((_FOLDER / f"{name}.json").read_text())


def error_example(code: str) -> dict[str, Any]:
    """As it is answered, apart from the message."""
    explained = CODES[code]
    retry_after_s = 1 if issubclass(explained.kind, RateLimited | Unavailable) else None
    failure = Failure(explained.status, explained.type, code, explained.meaning, retry_after_s=retry_after_s)
    return failure.body("req_01HXYZ123456789", "https://api.example.com/v1/docs")


EXAMPLES: Mapping[str, Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "sessions_create": {
            "request": {
                "call": {"summary": "A telephone call", "value": _seed("create.request")},
                "inbound": {"summary": "An inbound call", "value": _seed("inbound_call.request")},
                "conference": {"summary": "Several participants", "value": _seed("conference.request")},
            },
            "response": {"created": {"value": _seed("create.response")}},
        },
        "legs_dial": {
            "request": {
                "customer": {"summary": "Call the customer", "value": {"to": "+4930123456"}},
                "agent": {
                    "summary": "Call an agent, and show one of your numbers",
                    "value": {"to": "+34910000000", "from": "+14155551234", "participant": "agent"},
                },
            }
        },
        "sessions_get": {"response": {"active": {"value": _seed("get.response")}}},
        "sessions_end": {
            "request": {"completed": {"value": _seed("end.request")}},
            "response": {"ended": {"value": _seed("end.response")}},
        },
    }
)
