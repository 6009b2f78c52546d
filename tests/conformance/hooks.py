"""What no schema can tell schemathesis of this API: keys that are for one request only, and rules between parameters.

A refusal is forgiven only where a rule of this list may have been broken by what was sent.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.hooks import HookContext

from core.domain.telephony import Carrier
from tests.conformance import agents, knowledge
from tests.conformance.carriers import NUMBERS, Signed

OWN_KEY_VARIABLE = "KALLGLOT_OWN_KEY_ID"
OWN_ENDPOINT_VARIABLE = "KALLGLOT_OWN_ENDPOINT_ID"
SPARE_ENDPOINTS_VARIABLE = "KALLGLOT_SPARE_ENDPOINT_IDS"
NOBODY_LISTENS = "https://127.0.0.1:9/hook"
"""Where test keys of a local deployment may send webhooks; nothing leaves the machine."""
TALLY_VARIABLE = "KALLGLOT_TALLY_FILE"
_LONGEST_KEY = 255
_numbers = itertools.count()


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """The examples' key comes with many bodies, which is refused for good reason: it becomes one of its own."""
    if (case.path_parameters or {}).get("key_id") == os.environ[OWN_KEY_VARIABLE] and case.method == "DELETE":
        # Whoever revokes the key that all of this is asked with learns nothing more.
        case.path_parameters["key_id"] = "key_none"
    agents.prepare(case)
    knowledge.prepare(case)
    if "/webhook_endpoints" in case.path:
        _here(case)
    if "/telephony/" in case.path:
        _call_us(case, kwargs)
    key = case.headers.get("Idempotency-Key") if case.headers else None
    if isinstance(key, str) and len(key.strip()) > 0 and len(key) <= _LONGEST_KEY:
        case.headers["Idempotency-Key"] = f"{next(_numbers):06d}{key[6:]}"


def _here(case: Case[Any]) -> None:
    """What is valid but for what a schema cannot know: an address of this machine, a time of this week."""
    if (case.path_parameters or {}).get("endpoint_id") == os.environ[OWN_ENDPOINT_VARIABLE] and case.method == "DELETE":
        case.path_parameters["endpoint_id"] = next(_spare_endpoints(), "wh_none")
    if not isinstance(case.body, dict) or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.body.get("url"):
        case.body["url"] = NOBODY_LISTENS
    if case.body.get("from"):
        case.body["from"] = (datetime.now(UTC) - timedelta(days=1)).isoformat()
        case.body.pop("to", None)


@cache
def _spare_endpoints() -> Iterator[str]:
    """To be deleted, one by one."""
    return iter(os.environ[SPARE_ENDPOINTS_VARIABLE].split(","))


def _call_us(case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Of the numbers that are made up, every second is one of ours; whoever was to sign signs."""
    if isinstance(case.body, dict) and isinstance(case.body.get("To"), str) and next(_numbers) % 2:
        case.body["To"] = NUMBERS[Carrier.TWILIO if "/twilio/" in case.path else Carrier.TELNYX]
    kwargs["auth"] = Signed()


@schemathesis.hook
def after_call(context: HookContext, case: Case[Any], response: Response) -> None:
    """One line for every answer: the operation and the status."""
    with Path(os.environ[TALLY_VARIABLE]).open("a") as tally:
        tally.write(f"{case.operation.label} {response.status_code}\n")


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
    """False forgives."""
    if type(failure).__name__ != "RejectedPositiveData":
        return True
    error = response.json()["error"]
    rule = _RULES.get((error["code"], error["param"]))
    return rule is None or not rule(case)


def _both_cursors(case: Case[Any]) -> bool:
    query = _query(case)
    return "starting_after" in query and "ending_before" in query


def _unknown_cursor(case: Case[Any]) -> bool:
    """A cursor is an id of the list; one that is made up names nothing."""
    query = _query(case)
    return ("starting_after" in query) != ("ending_before" in query)


def _no_range(case: Case[Any]) -> bool:
    query = _query(case)
    first, last = (date.fromisoformat(query[name]) if name in query else date.today() for name in ("from", "to"))
    return "from" in query and not 0 <= (last - first).days < 366


def _routed(case: Case[Any]) -> bool:
    """Whether a connection or a number is there depends on the organization."""
    return isinstance(case.body, Mapping) and isinstance(case.body.get("routing"), Mapping)


def _not_theirs(case: Case[Any]) -> bool:
    """Only the organization's own numbers are shown to who is called."""
    return isinstance(case.body, Mapping) and case.body.get("from") not in (None, *NUMBERS.values())


def _nobody(case: Case[Any]) -> bool:
    """Which participants there are depends on the session."""
    return isinstance(case.body, Mapping) and case.body.get("participant") not in (None, "customer", "agent")


def _elsewhere(case: Case[Any]) -> bool:
    """Whether a host has public addresses is asked of a resolver, not of a schema."""
    return isinstance(case.body, Mapping) and str(case.body.get("url")).startswith("https://")


def _bad_stretch(case: Case[Any]) -> bool:
    """A stretch of time ends after it begins, in the last seven days."""
    return isinstance(case.body, Mapping) and "from" in case.body


def _expired(case: Case[Any]) -> bool:
    """An API key that has expired is no use to anybody; the schema only says what a time is."""
    told = case.body.get("expires_at") if isinstance(case.body, Mapping) else None
    return isinstance(told, str) and datetime.fromisoformat(told.upper().replace("Z", "+00:00")) <= datetime.now(UTC)


def _query(case: Case[Any]) -> Mapping[str, Any]:
    return case.query or {}


_RULES: Mapping[tuple[str, str | None], Callable[[Case[Any]], bool]] = {
    ("invalid_field_value", "ending_before"): lambda case: _both_cursors(case) or _unknown_cursor(case),
    ("invalid_field_value", "starting_after"): _unknown_cursor,
    ("invalid_field_value", "from"): lambda case: _no_range(case) or _bad_stretch(case),
    ("invalid_field_value", "url"): _elsewhere,
    ("invalid_field_value", "to"): _bad_stretch,
    ("invalid_field_value", "expires_at"): _expired,
    ("invalid_field_value", "participant"): _nobody,
    ("no_route", "from"): _not_theirs,
    ("no_route", "routing"): _routed,
}
