"""A whole call, as `make demo` plays it: real speech of two people, through everything that is deployed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from websockets.asyncio.client import connect

from kallglot import AsyncKallglot, Stream, audio
from kallglot.stream.messages import Message, Transcript
from local import voices
from local.call import Call
from local.dialogue import Line
from local.ear import is_speech
from local.recording import Found, fetch
from local.stack import Stack
from local.verdict import problems

pytestmark = pytest.mark.asyncio(loop_scope="session")

DIALOGUE = (
    Line("agent", "¿Puedo ayudarle en algo más?"),
    Line("customer", "Hello, I have a question about my order."),
    Line("agent", "¿Cuál es su número de pedido?", typed=True),
)


class Notes:
    """Every message in the order of its coming."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def spoken(self, line: Line) -> None:
        pass

    def message(self, message: Message) -> None:
        self.messages.append(message)


@dataclass
class Played:
    call: Call
    messages: list[Message]
    watched: list[dict[str, Any]]
    session: dict[str, Any]
    transcript: dict[str, Any]
    text: str
    recording: Found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def played(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Played]:
    notes = Notes()
    call = Call(notes)
    async with AsyncKallglot(stack.addresses.api_url, stack.addresses.api_key) as api:
        session = await api.sessions.create(
            mode="bidirectional_translation",
            source_language="en",
            target_language="es",
            recording={"enabled": True, "channels": "dual"},
        )
        async with connect(f"{stack.addresses.events_url}?token={stack.addresses.api_key}") as events:
            await events.send(json.dumps({"action": "subscribe", "session_id": session["id"]}))
            await everything_until(events, "subscribed")
            speech = {
                line: voices.telephone(voices.BY_LANGUAGE[line.language], line.text)
                for line in DIALOGUE
                if not line.typed
            }
            async with Stream.open(session["stream"]["url"], session["stream"]["token"]) as stream:
                await call.play(stream, DIALOGUE, speech)
            copy = tmp_path_factory.mktemp("call") / "recording.wav"
            recording = await fetch(api, session["id"], stack.outputs.recordings_bucket, copy)
            watched = await everything_until(events, "recording.ready")
        yield Played(
            call,
            notes.messages,
            watched,
            dict((await api.sessions.get(session["id"])).raw),
            dict((await api.sessions.transcript(session["id"])).raw),
            await api.sessions.transcript_text(session["id"]),
            recording,
        )


async def everything_until(events: Any, kind: str) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    async with asyncio.timeout(15):
        while not seen or seen[-1]["type"] != kind:
            seen.append(json.loads(await events.recv()))
    return seen


async def test_nothing_is_missing(played: Played) -> None:
    assert problems(played.call, DIALOGUE, played.session, played.text, played.recording) == []


async def test_both_speakers_are_understood(played: Played) -> None:
    english, spanish = played.call.finals_of("customer")[0], played.call.finals_of("agent")[0]
    assert "question" in english.text.lower() and "order" in english.text.lower()
    assert english.translation and "pedido" in english.translation.lower()
    assert "ayudar" in spanish.text.lower()
    assert spanish.translation and "anything" in spanish.translation.lower()


async def test_partials_come_before_their_final(played: Played) -> None:
    transcripts = [message for message in played.messages if isinstance(message, Transcript)]
    for final in played.call.finals[:2]:
        own = [message for message in transcripts if message.id == final.id]
        assert len(own) > 1
        assert [message.is_final for message in own] == [False] * (len(own) - 1) + [True]


async def test_the_parts_of_the_latency_sum_to_the_total(played: Played) -> None:
    assert len(played.call.latencies) == len(played.call.finals)
    for latency in played.call.latencies:
        parts = (latency.endpoint_ms, latency.asr_ms, latency.mt_ms, latency.tts_ms, latency.queue_ms)
        assert sum(parts) == pytest.approx(latency.total_ms, abs=1)


async def test_the_transcript_is_what_was_shown_live(played: Played) -> None:
    shown = [(final.id, final.text, final.translation) for final in played.call.finals]
    turns = played.transcript["turns"]
    assert [(turn["id"], turn["text"], turn["translation"]["text"]) for turn in turns] == shown
    assert [segment["translation"] for segment in played.transcript["segments"]] == [text for _, _, text in shown]
    assert [turn["sequence"] for turn in turns] == list(range(1, len(turns) + 1))


async def test_the_session_tells_what_happened(played: Played) -> None:
    session = played.session
    assert (session["status"], session["end_reason"]) == ("ended", "completed")
    assert session["duration"] > 3
    assert session["usage"]["active_seconds"] == pytest.approx(session["duration"], abs=2)
    assert session["transcript"]["word_count"] == played.transcript["word_count"] > 5
    assert session["recording"]["duration"] == pytest.approx(session["duration"], abs=1)


async def test_the_recording_has_each_speaker_on_a_side(played: Played) -> None:
    left, right = audio.read_wav_channels(Path(played.recording.copy))
    assert is_speech(left) and is_speech(right)
    seconds = len(left) / audio.RATE_HZ
    assert seconds == pytest.approx(played.session["recording"]["duration"], abs=0.1)
    customer = played.call.finals_of("customer")[0]
    began, ended = (round(at * audio.RATE_HZ) for at in (customer.start_s, customer.end_s))
    assert is_speech(left[began:ended])


async def test_a_watcher_sees_the_call_on_the_events_socket(played: Played) -> None:
    kinds = [message["type"] for message in played.watched]
    for kind in ("session.started", "transcript.final", "session.ended", "recording.ready"):
        assert kind in kinds
    finals = {message["id"]: message["text"] for message in played.watched if message["type"] == "transcript.final"}
    assert finals == {final.id: final.text for final in played.call.finals}
