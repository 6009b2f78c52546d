"""Whatever JSON comes, a create is answered 201 or a documented 4xx, in the envelope, and never 500."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.rest import NUMBER, RestWorld

WORLD = RestWorld()
FIELDS = (
    "mode",
    "source_language",
    "target_language",
    "provider",
    "routing",
    "participants",
    "ai_agent",
    "recording",
    "transcription",
    "webhook_url",
    "metadata",
)
INNER = ("type", "phone_number", "id", "enabled", "channels", "language", "system_prompt", "sip", "overrides", "redact")
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=50)
    | st.sampled_from(["ai_agent", "help_chat_voice", "de", "en", "sip", "twilio", "agent", "dual", NUMBER, "agt_1"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(INNER) | st.text(max_size=10), inner, max_size=5)
    ),
    max_leaves=12,
)
VALID = st.just({"mode": "help_chat_voice", "source_language": "de", "target_language": "en"})
BODIES = st.builds(
    lambda base, more: base | more,
    st.one_of(VALID, st.just({})),
    st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), VALUES, max_size=5),
)
MANY = settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def check(text: str) -> None:
    answer = WORLD.post("/v1/sessions", text)

    assert answer.status in (201, 400, 413, 422), answer.text
    if answer.status == 201:
        assert answer.body["object"] == "session"
    else:
        assert set(answer.error) == {"type", "code", "message", "param", "request_id", "doc_url", "retry_after"}


@MANY
@given(BODIES)
def test_any_object(body: dict[str, Any]) -> None:
    check(json.dumps(body))


@MANY
@given(VALUES)
def test_any_json(value: Any) -> None:
    check(json.dumps(value, ensure_ascii=False))


@MANY
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    check(text)
