"""The create body, rule by rule (contract section 5): which code, and which field is named."""

from __future__ import annotations

from typing import Any

import pytest

from core.domain.engines import ENGINE_SETS
from core.domain.languages import LANGUAGES
from core.domain.sessions import Transcription
from core.domain.terminology import Terminology
from tests.builders import an_agent
from tests.fakes.rest import NUMBER, RestWorld

CALL = {"mode": "bidirectional_translation", "source_language": "de", "target_language": "en"}
AGENT = {"mode": "ai_agent", "source_language": "en", "target_language": "en"}


@pytest.fixture(scope="module")
def world() -> RestWorld:
    made = RestWorld()
    made.agents.add(an_agent("agt_01HXYZ"))
    return made


ORDER = {"type": "object", "properties": {"order": {"type": "string", "pattern": "^[0-9]+$"}}, "required": ["order"]}
WHOLE: dict[str, Any] = {
    "system_prompt": "You sell shoes.",
    "voice": "af_heart",
    "temperature": 0.3,
    "model": "small",
    "language": "en",
    "knowledge_base_id": "kb_1",
    "tools": [
        {"name": "order_status", "description": "Where an order is.", "parameters": ORDER, "timeout_seconds": 5},
        {"name": "stock", "result": {"type": "integer"}},
        {"name": "cancel"},
    ],
    "greeting": "Hello, this is the shoe shop.",
    "transfer": {"enabled": True},
    "turn_taking": {
        "silence_ms": 500,
        "ignore_backchannels": False,
        "filler": "One moment.",
        "filler_after_seconds": 2,
    },
    "silence_prompt": {"text": "Are you there?", "after_seconds": 8, "times": 3},
    "limits": {"tokens": 20000, "cost": 0.5, "duration_seconds": 600, "answer_tokens": 200},
}


def with_agent(**changes: Any) -> dict[str, Any]:
    return {**AGENT, "ai_agent": {"system_prompt": "x", **changes}}


def with_tool(**changes: Any) -> dict[str, Any]:
    return with_agent(tools=[{"name": "look", **changes}])


ACCEPTED = [
    {},
    {"mode": "assistive_translation"},
    {"mode": "help_chat_voice"},
    {"provider": None, "routing": None, "metadata": None, "participants": None, "recording": None},
    {"provider": {"type": "telnyx", "call_control_id": "v2:x"}},
    {"provider": {"type": "sip", "transport": "tls", "codecs": ["PCMU", "opus"], "phone_number": "+12"}},
    {"provider": {"type": "twilio", "call_sid": "CA1", "phone_number": "+123456789012345"}},
    {"routing": {"phone_number": NUMBER, "direction": "inbound"}},
    {"routing": {"type": "sip"}},
    {"routing": {"type": "sip", "sip": {"from_uri": "sips:agent@pbx.example.com"}, "direction": "outbound"}},
    {"participants": [{"type": "agent", "language": "en", "id": "a", "name": "Ada"}] * 16},
    {"recording": {"enabled": True}},
    {"recording": {"enabled": True, "channels": "mono"}},
    {"recording": {}},
    {"transcription": {"enabled": False, "partials": False, "redact": ["names", "card_numbers"]}},
    {"transcription": {"hints": ["Kallglot", "Señora Núñez"], "policy": "low"}},
    {"transcription": {"hints": ["x" * 50] * 32, "policy": None}},
    {"translation": {"glossary": [{"de": "Rückläufer", "en": "returned debit"}], "do_not_translate": ["PX-9"]}},
    {"translation": {"glossary": [{"de": "x" * 60, "en": "y"}] * 50, "do_not_translate": ["x" * 60] * 50}},
    {"translation": {}},
    {"voices": {"de": "thorsten", "en": "af_heart"}},
    {"voices": {code: "ü" * 64 for code in LANGUAGES}},
    {"voices": {}},
    {"voices": None},
    {"webhook_url": "https://hooks.example.com:8443/kallglot?x=1"},
    {"metadata": {f"key_{number}": "v" * 500 for number in range(50)}},
    {"metadata": {"k" * 40: ""}},
    {"ai_agent": {"system_prompt": "Be kind."}},
    {**AGENT, "ai_agent": {"system_prompt": "x", "voice": "v", "temperature": 1, "greeting": "", "tools": []}},
    {**AGENT, "ai_agent": WHOLE},
    {**AGENT, "ai_agent": {"system_prompt": "x", "tools": None, "limits": {}, "turn_taking": {}}},
    {"mode": "help_chat_voice", "ai_agent": {}},
    {"mode": "help_chat_voice", "ai_agent": {"knowledge_base_id": "kb_1", "greeting": "Hello."}},
    {**AGENT, "ai_agent": {"id": "agt_01HXYZ"}},
    {**AGENT, "ai_agent": {"id": "agt_01HXYZ", "overrides": {"temperature": 0.2}}},
    {**AGENT, "ai_agent": {"id": "agt_01HXYZ", "overrides": WHOLE | {"greeting": None}}},
    {**AGENT, "ai_agent": {"id": "agt_01HXYZ", "overrides": None, "voice": None}},
]


@pytest.mark.parametrize("change", ACCEPTED)
def test_what_the_contract_allows_is_created(world: RestWorld, change: dict[str, Any]) -> None:
    answer = world.post("/v1/sessions", CALL | change)

    assert answer.status == 201, answer.text


REFUSED = [
    ({"mode": None}, "invalid_mode", "mode"),
    ({"mode": "translate"}, "invalid_mode", "mode"),
    ({"mode": ["ai_agent"]}, "invalid_mode", "mode"),
    ({"mode": {}}, "invalid_mode", "mode"),
    ({"source_language": None}, "missing_required_field", "source_language"),
    ({"target_language": None}, "missing_required_field", "target_language"),
    ({"source_language": "xx"}, "invalid_language_code", "source_language"),
    ({"source_language": "DE"}, "invalid_language_code", "source_language"),
    ({"target_language": "de-DE"}, "invalid_language_code", "target_language"),
    ({"target_language": 7}, "invalid_language_code", "target_language"),
    ({"target_language": []}, "invalid_language_code", "target_language"),
    ({"colour": "red"}, "invalid_field_value", "colour"),
    ({"provider": "twilio"}, "invalid_field_value", "provider"),
    ({"provider": {}}, "missing_required_field", "provider.type"),
    ({"provider": {"type": "vonage"}}, "invalid_provider", "provider.type"),
    ({"provider": {"type": None}}, "invalid_provider", "provider.type"),
    ({"provider": {"type": "twilio", "status": "connected"}}, "invalid_field_value", "provider.status"),
    ({"provider": {"type": "twilio", "phone_number": "4155551234"}}, "invalid_field_value", "provider.phone_number"),
    ({"provider": {"type": "twilio", "phone_number": "+0155"}}, "invalid_field_value", "provider.phone_number"),
    (
        {"provider": {"type": "twilio", "phone_number": "+14155551234\n"}},
        "invalid_field_value",
        "provider.phone_number",
    ),
    ({"provider": {"type": "twilio", "phone_number": "+1٤155551234"}}, "invalid_field_value", "provider.phone_number"),
    ({"provider": {"type": "twilio", "codecs": [1]}}, "invalid_field_value", "provider.codecs.0"),
    ({"provider": {"type": "twilio"}, "routing": {"type": "sip"}}, "invalid_field_value", "routing"),
    ({"routing": {"phone_number": "+493012345"}}, "no_route", "routing"),
    ({"routing": {"connection_id": "pcon_unknown1"}}, "no_route", "routing"),
    ({"routing": {}}, "no_route", "routing"),
    ({"routing": {"connection_id": "con_1"}}, "invalid_field_value", "routing.connection_id"),
    ({"routing": {"phone_number": NUMBER, "type": "sip"}}, "invalid_field_value", "routing"),
    ({"routing": {"type": "twilio"}}, "invalid_field_value", "routing.type"),
    ({"routing": {"sip": {"from_uri": "sip:a@b"}}}, "missing_required_field", "routing.type"),
    ({"routing": {"type": "sip", "sip": {"from_uri": "http://a"}}}, "invalid_field_value", "routing.sip.from_uri"),
    ({"routing": {"phone_number": NUMBER, "direction": "sideways"}}, "invalid_field_value", "routing.direction"),
    ({"participants": []}, "invalid_field_value", "participants"),
    ({"participants": [{"type": "agent", "language": "en"}] * 17}, "invalid_field_value", "participants"),
    ({"participants": [{"type": "agent"}]}, "missing_required_field", "participants.0.language"),
    ({"participants": [{"type": "agent", "language": "xx"}]}, "invalid_language_code", "participants.0.language"),
    ({"participants": [{"type": "robot", "language": "en"}]}, "invalid_field_value", "participants.0.type"),
    ({"mode": "ai_agent"}, "missing_required_field", "ai_agent"),
    ({"mode": "ai_agent", "ai_agent": {}}, "missing_required_field", "ai_agent.system_prompt"),
    ({"ai_agent": {"system_prompt": ""}}, "invalid_field_value", "ai_agent.system_prompt"),
    ({"ai_agent": {"system_prompt": "x" * 20_001}}, "invalid_field_value", "ai_agent.system_prompt"),
    ({"ai_agent": {"system_prompt": "x", "temperature": 2.1}}, "invalid_field_value", "ai_agent.temperature"),
    ({"ai_agent": {"system_prompt": "x", "temperature": "1"}}, "invalid_field_value", "ai_agent.temperature"),
    ({"ai_agent": {"system_prompt": "x", "overrides": {}}}, "invalid_field_value", "ai_agent.overrides"),
    ({"ai_agent": {"id": "agt_1", "voice": "v"}}, "invalid_field_value", "ai_agent.voice"),
    ({"ai_agent": {"id": "agent-1"}}, "invalid_field_value", "ai_agent.id"),
    ({"ai_agent": {}}, "missing_required_field", "ai_agent.system_prompt"),
    (with_agent(name="Ada"), "invalid_field_value", "ai_agent.name"),
    (with_agent(language="xx"), "invalid_language_code", "ai_agent.language"),
    (with_agent(transfer=True), "invalid_field_value", "ai_agent.transfer"),
    (with_agent(turn_taking={"silence_ms": 199}), "invalid_field_value", "ai_agent.turn_taking.silence_ms"),
    (with_agent(turn_taking={"silence_ms": 2001}), "invalid_field_value", "ai_agent.turn_taking.silence_ms"),
    (with_agent(silence_prompt={}), "missing_required_field", "ai_agent.silence_prompt.text"),
    (with_agent(limits={"tokens": 0}), "invalid_field_value", "ai_agent.limits.tokens"),
    (with_agent(limits={"cost": 0}), "invalid_field_value", "ai_agent.limits.cost"),
    (with_agent(tools=[{"name": "a"}] * 2), "invalid_field_value", "ai_agent.tools"),
    (with_agent(tools=[{"name": f"t{n}"} for n in range(65)]), "invalid_field_value", "ai_agent.tools"),
    (with_tool(name="transfer_to_human"), "invalid_field_value", "ai_agent.tools"),
    (with_tool(name="a b"), "invalid_field_value", "ai_agent.tools.0.name"),
    (with_tool(name="a\n"), "invalid_field_value", "ai_agent.tools.0.name"),
    (with_tool(name="x" * 65), "invalid_field_value", "ai_agent.tools.0.name"),
    (with_tool(timeout_seconds=0.5), "invalid_field_value", "ai_agent.tools.0.timeout_seconds"),
    (with_tool(timeout_seconds=61), "invalid_field_value", "ai_agent.tools.0.timeout_seconds"),
    (with_tool(parameters={"type": "string"}), "invalid_field_value", "ai_agent.tools.0.parameters"),
    (with_tool(parameters={}), "invalid_field_value", "ai_agent.tools.0.parameters"),
    (with_tool(result={"type": "objekt"}), "invalid_field_value", "ai_agent.tools.0.result.type"),
    (with_tool(result={"pattern": "(?=a)"}), "invalid_field_value", "ai_agent.tools.0.result.pattern"),
    (with_tool(result={"$ref": "https://example.com/a"}), "invalid_field_value", "ai_agent.tools.0.result"),
    (with_tool(result={"$ref": "#/$defs/none"}), "invalid_field_value", "ai_agent.tools.0.result"),
    (with_tool(result={"description": "x" * 16_384}), "invalid_field_value", "ai_agent.tools.0.result"),
    (
        with_agent(tools=[{"name": f"t{n}", "result": {"description": "x" * 16_000}} for n in range(5)]),
        "invalid_field_value",
        "ai_agent.tools",
    ),
    (
        {**AGENT, "ai_agent": {"id": "agt_01HXYZ", "overrides": {"temperature": 3}}},
        "invalid_field_value",
        "ai_agent.overrides.temperature",
    ),
    (
        {**AGENT, "ai_agent": {"id": "agt_01HXYZ", "overrides": {"system_prompt": None}}},
        "invalid_field_value",
        "ai_agent.overrides.system_prompt",
    ),
    (
        {**AGENT, "ai_agent": {"id": "agt_01HXYZ", "overrides": {"id": "agt_2"}}},
        "invalid_field_value",
        "ai_agent.overrides.id",
    ),
    (
        {**AGENT, "ai_agent": {"id": "agt_01HXYZ", "overrides": {"tools": [{"name": "a", "result": {"type": 1}}]}}},
        "invalid_field_value",
        "ai_agent.overrides.tools.0.result.type",
    ),
    ({"recording": True}, "invalid_field_value", "recording"),
    ({"recording": {"enabled": "true"}}, "invalid_field_value", "recording.enabled"),
    ({"recording": {"enabled": 1}}, "invalid_field_value", "recording.enabled"),
    ({"recording": {"channels": "stereo"}}, "invalid_field_value", "recording.channels"),
    ({"transcription": {"redact": "names"}}, "invalid_field_value", "transcription.redact"),
    ({"transcription": {"hints": ["x"] * 33}}, "invalid_field_value", "transcription.hints"),
    ({"transcription": {"hints": ["x" * 51]}}, "invalid_field_value", "transcription.hints.0"),
    ({"transcription": {"hints": ["ok", " "]}}, "invalid_field_value", "transcription.hints.1"),
    ({"transcription": {"hints": ["a\nb"]}}, "invalid_field_value", "transcription.hints.0"),
    ({"transcription": {"policy": "fast"}}, "invalid_field_value", "transcription.policy"),
    ({"translation": {"glossary": [{"de": "eins"}]}}, "invalid_field_value", "translation.glossary.0"),
    ({"translation": {"glossary": [{"de": "x", "en": ""}]}}, "invalid_field_value", "translation.glossary.0.en"),
    ({"translation": {"glossary": [{"de": "x", "en": "-"}]}}, "invalid_field_value", "translation.glossary.0.en"),
    ({"translation": {"do_not_translate": ["x"] * 51}}, "invalid_field_value", "translation.do_not_translate"),
    ({"translation": {"do_not_translate": ["x" * 61]}}, "invalid_field_value", "translation.do_not_translate.0"),
    ({"translation": {"do_not_translate": ["a\nb"]}}, "invalid_field_value", "translation.do_not_translate.0"),
    ({"voices": "thorsten"}, "invalid_field_value", "voices"),
    ({"voices": {"xx": "thorsten"}}, "invalid_language_code", "voices.xx"),
    ({"voices": {"de": "v" * 65}}, "invalid_field_value", "voices.de"),
    ({"voices": {"de": ""}}, "invalid_field_value", "voices.de"),
    ({"voices": {"de": "a\nb"}}, "invalid_field_value", "voices.de"),
    ({"voices": {"de": None}}, "invalid_field_value", "voices.de"),
    ({"voices": {"de": ["thorsten"]}}, "invalid_field_value", "voices.de"),
    ({"webhook_url": "http://example.com"}, "invalid_field_value", "webhook_url"),
    ({"webhook_url": "https://"}, "invalid_field_value", "webhook_url"),
    ({"webhook_url": "https://user:pass@example.com"}, "invalid_field_value", "webhook_url"),
    ({"webhook_url": "https://example.com:99999"}, "invalid_field_value", "webhook_url"),
    ({"webhook_url": "https://[::1"}, "invalid_field_value", "webhook_url"),
    ({"webhook_url": "https://exa mple.com"}, "invalid_field_value", "webhook_url"),
    ({"webhook_url": "https://example.com/" + "x" * 2048}, "invalid_field_value", "webhook_url"),
    ({"metadata": []}, "invalid_field_value", "metadata"),
    ({"metadata": {f"key_{number}": "v" for number in range(51)}}, "invalid_field_value", "metadata"),
    ({"metadata": {"k" * 41: "v"}}, "invalid_field_value", "metadata." + "k" * 41),
    ({"metadata": {"": "v"}}, "invalid_field_value", "metadata."),
    ({"metadata": {"key": "v" * 501}}, "invalid_field_value", "metadata.key"),
    ({"metadata": {"key": 1}}, "invalid_field_value", "metadata.key"),
    ({"metadata": {"key": None}}, "invalid_field_value", "metadata.key"),
]


@pytest.mark.parametrize(("change", "code", "param"), REFUSED)
def test_what_it_does_not_allow_names_the_field(
    world: RestWorld, change: dict[str, Any], code: str, param: str
) -> None:
    answer = world.post("/v1/sessions", CALL | change)

    assert answer.status == 422, answer.text
    assert (answer.error["type"], answer.error["code"], answer.error["param"]) == ("validation_error", code, param)


def test_a_missing_mode_is_a_missing_field(world: RestWorld) -> None:
    answer = world.post("/v1/sessions", {"source_language": "de", "target_language": "en"})

    assert (answer.error["code"], answer.error["param"]) == ("missing_required_field", "mode")


@pytest.mark.parametrize("code", list(LANGUAGES))
def test_a_session_may_be_created_in_every_language_of_the_product(world: RestWorld, code: str) -> None:
    assert world.post("/v1/sessions", CALL | {"source_language": code}).status == 201


def test_languages_may_be_left_out_where_the_engines_can_tell_them() -> None:
    engines = ENGINE_SETS["embedded"]
    detecting = RestWorld(
        engines=type(engines)(engines.speech_in, engines.pairs, engines.speech_out, detects_language=True)
    )

    answer = detecting.post("/v1/sessions", {"mode": "bidirectional_translation"})

    assert answer.status == 201
    assert (answer.body["source_language"], answer.body["target_language"]) == (None, None)


@pytest.mark.parametrize(
    "change",
    [
        {"provider": {"type": "twilio", "phone_number": "+14155559999x"}},
        {"metadata": {"k": "+14155559999" * 50}},
        {"routing": {"phone_number": "+14155559999"}},
        {"webhook_url": "http://sk_live_secret@example.com/+14155559999"},
        {"source_language": "+14155559999"},
    ],
)
def test_a_refusal_does_not_repeat_the_value(world: RestWorld, change: dict[str, Any]) -> None:
    answer = world.post("/v1/sessions", CALL | change)

    assert answer.status == 422
    assert "+1415555" not in answer.text
    assert "sk_live" not in answer.text


def test_everything_that_was_asked_for_is_stored(world: RestWorld) -> None:
    asked = CALL | {
        "provider": {"type": "twilio", "phone_number": NUMBER, "call_sid": "CA1", "codecs": ["PCMU"]},
        "participants": [{"type": "agent", "language": "en", "id": "a", "name": "Ada"}],
        "ai_agent": {"system_prompt": "Be kind.", "temperature": 1},
        "recording": {"enabled": True, "channels": "mono"},
        "transcription": {"partials": False, "redact": ["names"], "hints": ["Ada"], "policy": "low"},
        "translation": {"glossary": [{"de": "Konto", "en": "account"}], "do_not_translate": ["PX-9"]},
        "voices": {"de": "thorsten"},
        "webhook_url": "https://hooks.example.com",
        "metadata": {"a": "b"},
    }

    created = world.post("/v1/sessions", asked).body

    tenant = world.sessions.tenant_of(created["id"])
    assert tenant is not None
    session = world.sessions.find(tenant, created["id"])
    assert session is not None
    assert session.terminology == Terminology(({"de": "Konto", "en": "account"},), ("PX-9",))
    assert session.provider is not None
    assert session.provider.details == {"call_sid": "CA1", "codecs": ["PCMU"]}
    assert (session.participants[0].name, session.participants[0].type) == ("Ada", "agent")
    assert session.ai_agent == {"system_prompt": "Be kind.", "temperature": 1.0}
    assert (session.recording.enabled, session.recording.channels) == (True, "mono")
    assert session.transcription == Transcription(True, False, ("names",), ("Ada",), "low")
    assert session.voices == {"de": "thorsten"}
    assert (session.webhook_url, session.metadata) == ("https://hooks.example.com", {"a": "b"})
    assert "ai_agent" not in created
