"""What a stream takes, what it refuses, and that a refusal loses nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.terminology import Terminology
from kallglot import AsyncKallglot
from tests.integration.store import TENANT, Store
from tests.integration.wire import SILENCE, audio, ready, wire

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def new_session(api: AsyncKallglot, **fields: Any) -> dict[str, Any]:
    wanted = {"mode": "bidirectional_translation", "source_language": "en", "target_language": "es", **fields}
    return dict((await api.sessions.create(**wanted)).raw)


async def test_a_socket_is_greeted_with_what_the_engines_can_do(api: AsyncKallglot) -> None:
    session = await new_session(api)
    async with wire(session) as socket:
        greeting = await socket.until("session.ready")
    assert greeting["session_id"] == session["id"]
    assert (greeting["resumed"], greeting["last_sequence"]) == (False, 0)
    assert greeting["audio"] == {"encoding": "mulaw", "sample_rate_hz": 8000}
    able = {"speech_in": True, "text": True, "speech_out": True}
    assert {c["language"]: {**c, "language": None} for c in greeting["capabilities"]} == {
        "en": {**able, "language": None},
        "es": {**able, "language": None},
    }


async def test_the_token_may_stand_in_the_query(api: AsyncKallglot) -> None:
    session = await new_session(api)
    stream = session["stream"]
    with_query = {"stream": {**stream, "url": f"{stream['url']}?token={stream['token']}"}}
    async with wire(with_query, header=False) as socket:
        assert (await socket.until("session.ready"))["session_id"] == session["id"]


async def test_a_session_is_active_from_the_first_audio_on(api: AsyncKallglot) -> None:
    session = await new_session(api)
    async with ready(session) as socket:
        assert (await api.sessions.get(session["id"]))["status"] == "connecting"
        await socket.audio(SILENCE)
        active = await api.sessions.wait_until(session["id"], status="active", timeout_s=5)
    assert active["started_at"] is not None


async def test_text_is_translated_and_spoken_like_speech(api: AsyncKallglot) -> None:
    session = await new_session(api)
    async with ready(session) as socket:
        await socket.text("Su pedido llegará mañana por la tarde.", "agent")
        final = await socket.until("transcript.final")
        spoken = await socket.until("audio.output")
    assert (final["speaker"], final["language"]) == ("agent", "es")
    assert final["translation"]["language"] == "en"
    assert "package" in final["translation"]["text"].lower() or "tomorrow" in final["translation"]["text"].lower()
    assert (spoken["target"], spoken["language"], spoken["segment_id"]) == ("customer", "en", final["id"])


async def test_a_translation_is_held_to_the_terms_of_the_organization_and_the_session(
    api: AsyncKallglot, store: Store
) -> None:
    said = "I want to cancel my order with Back Office today."
    store.access.put_terminology(TENANT.organization_id, Terminology(({"en": "order", "es": "encargo"},)))
    try:
        session = await new_session(api, translation={"do_not_translate": ["Back Office"]})
        async with ready(session) as socket:
            await socket.text(said, "customer")
            told = (await socket.until("transcript.final"))["translation"]["text"]
    finally:
        store.access.put_terminology(TENANT.organization_id, Terminology())
    async with ready(await new_session(api)) as socket:
        await socket.text(said, "customer")
        unheld = (await socket.until("transcript.final"))["translation"]["text"]
    assert "encargo" in told and "Back Office" in told
    assert "encargo" not in unheld and "Back Office" not in unheld, "else it shows nothing"


@pytest.mark.parametrize("text", ["{", '"text"', '{"type": "audio.input"}', '{"type": "dance"}', '{"no": "type"}'])
async def test_a_malformed_message_is_an_error_and_the_stream_goes_on(api: AsyncKallglot, text: str) -> None:
    async with ready(await new_session(api)) as socket:
        await socket.send(text)
        error = await socket.until("session.error")
        assert error["error"]["code"] == "invalid_message"
        assert error["fatal"] is False
        await socket.is_alive()


@pytest.mark.parametrize("wrong", [{"encoding": "opus"}, {"sample_rate_hz": 11025}, {"channels": 3}])
async def test_audio_of_a_wrong_format_is_an_error_and_the_stream_goes_on(
    api: AsyncKallglot, wrong: dict[str, Any]
) -> None:
    session = await new_session(api)
    async with ready(session) as socket:
        message = audio(SILENCE, 1)
        await socket.send({**message, "audio": {**message["audio"], **wrong}})
        error = await socket.until("session.error")
        assert (error["error"]["code"], error["fatal"]) == ("invalid_audio_format", False)
        await socket.audio(SILENCE)
        await api.sessions.wait_until(session["id"], status="active", timeout_s=5)


async def test_the_early_audio_shape_is_heard_too(api: AsyncKallglot) -> None:
    session = await new_session(api)
    async with ready(session) as socket:
        early = {"type": "audio", "data": "AAAAAA==", "encoding": "pcm_16", "sample_rate": 16000, "speaker": "agent"}
        await socket.send(early)
        await api.sessions.wait_until(session["id"], status="active", timeout_s=5)


async def test_a_frame_of_ten_megabytes_is_refused_and_the_session_lives_on(api: AsyncKallglot) -> None:
    session = await new_session(api)
    async with ready(session) as socket:
        await socket.send("x" * 10_000_000)
        # 1006: the worker stops reading in the middle of the frame, and TCP's reset may overtake its closing frame.
        assert await socket.closed() in (1009, 4429, 1006)
    async with ready(session) as socket:
        await socket.is_alive()


@pytest.mark.parametrize("token", ["kst_test_nonsense", "sk_test_wrong_kind", "x"])
async def test_an_unknown_token_is_refused(api: AsyncKallglot, token: str) -> None:
    async with wire(await new_session(api), token) as socket:
        assert await socket.closed() == 4401


async def test_the_token_of_another_session_is_refused(api: AsyncKallglot) -> None:
    mine, other = await new_session(api), await new_session(api)
    async with wire(mine, other["stream"]["token"]) as socket:
        assert await socket.closed() == 4401


async def test_an_expired_token_is_refused_and_a_fresh_one_is_to_be_had(api: AsyncKallglot, store: Store) -> None:
    session = await new_session(api)
    long_ago = timedelta(hours=2)
    store.change(session["id"], lambda s: replace(s, created_at=s.created_at - long_ago), due_in=timedelta(hours=1))
    async with wire(session) as socket:
        assert await socket.closed() == 4401
    fresh = await api.sessions.get(session["id"])
    assert fresh["stream"]["token"] != session["stream"]["token"]


async def test_a_socket_that_never_sends_its_token_is_closed(api: AsyncKallglot) -> None:
    async with wire(await new_session(api), header=False) as socket:
        assert await socket.closed(patience_s=12) == 4401


async def test_a_session_that_does_not_exist_has_no_stream(api: AsyncKallglot) -> None:
    session = await new_session(api)
    stream = session["stream"]
    elsewhere = {"stream": {**stream, "url": stream["url"].replace(session["id"], "sess_00000000000000000000000000")}}
    async with wire(elsewhere) as socket:
        assert await socket.closed() in (4401, 4404)


async def test_a_language_without_speech_is_said_and_never_silently_deaf(api: AsyncKallglot, question: bytes) -> None:
    """German is on the product's list and beyond the embedded engines."""
    session = await new_session(api, source_language="de", target_language="en")
    async with wire(session) as socket:
        greeting = await socket.until("session.ready")
        german = next(c for c in greeting["capabilities"] if c["language"] == "de")
        assert german["speech_in"] is False
        await socket.audio(question, "customer")
        error = await socket.until("session.error")
        assert (error["error"]["code"], error["fatal"]) == ("speech_unavailable", False)
        await socket.is_alive()
