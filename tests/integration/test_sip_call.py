"""A real telephone calls a session: baresip, whose listener hears the agent translated, and is understood."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from kallglot import AsyncKallglot, audio
from local.ear import is_speech
from local.stack import Stack
from tests.integration.telephones import PATIENCE_S
from tests.integration.wire import Wire, ready
from tests.sip import baresip
from tests.sip.ears import alignment, understood, voiced, word_errors

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANSWER = "Su pedido llegará mañana por la tarde."
TRANSLATED = "Your order will arrive tomorrow afternoon."
_PAUSE_S, _LONGEST_S = 0.5, 40.0


@dataclass
class Played:
    asked: Mapping[str, Any]
    """The caller's turn, as the agent was told of it."""
    voice: Mapping[str, Any]
    connected: Mapping[str, Any]
    heard: array[int]
    session: Mapping[str, Any]
    turns: list[Mapping[str, Any]]
    recording: list[array[int]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def played(
    stack: Stack, gateway_port: int, question: bytes, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Played]:
    folder = tmp_path_factory.mktemp("sip")
    async with AsyncKallglot(stack.addresses.api_url, stack.addresses.api_key) as api:
        session = await api.sessions.create(
            mode="bidirectional_translation",
            source_language="en",
            target_language="es",
            provider={"type": "sip"},
            recording={"enabled": True, "channels": "dual"},
        )
        stream = session["stream"]
        as_agent = {"stream": {**stream, "url": f"{stream['url']}?participant=agent"}}
        target = f"sip:{session['id']}@127.0.0.1:{gateway_port}"
        calling = baresip.calling(folder / "telephone", target, spoken(question))
        async with ready(as_agent) as agent, calling as telephone:
            asked, voice = await listen(agent)
            connected = (await api.sessions.get(session["id"])).raw
            await answer(agent)
        await disconnected(api, session["id"])
        await api.sessions.end(session["id"])
        await download(api, session["id"], folder / "recording.wav")
        yield Played(
            asked,
            voice,
            connected,
            telephone.heard(),
            (await api.sessions.get(session["id"])).raw,
            (await api.sessions.transcript(session["id"])).raw["turns"],
            audio.read_wav_channels(folder / "recording.wav"),
        )


def spoken(question: bytes) -> array[int]:
    """A pause, the question, and silence for as long as a call may be; the telephone hangs up before."""
    pause, rest = (array("h", bytes(2 * int(8000 * seconds))) for seconds in (_PAUSE_S, _LONGEST_S))
    return pause + audio.decode(question) + rest


async def listen(agent: Wire) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What the caller said, and that the agent was sent its translation."""
    final = await agent.until("transcript.final")
    return final, (await agent.until("audio.output"))


async def answer(agent: Wire) -> None:
    """Written, spoken to the telephone, and heard to the end."""
    await agent.text(ANSWER, "agent")
    await agent.until("transcript.final")
    await asyncio.sleep(len(voiced(TRANSLATED, "en")) / 8000 + 1.5)


async def disconnected(api: AsyncKallglot, session_id: str) -> None:
    async with asyncio.timeout(10):
        while (await api.sessions.get(session_id)).raw["provider"]["status"] == "connected":
            await asyncio.sleep(0.1)  # polls what the gateway writes


async def download(api: AsyncKallglot, session_id: str, copy: Path) -> None:
    """The finalizer takes ends one after the other, and a hundred of other tests may be before this one."""
    recording_id = (await api.sessions.get(session_id)).recording.id
    assert recording_id is not None
    await api.recordings.wait_until_ready(recording_id, timeout_s=PATIENCE_S)
    await api.recordings.download(recording_id, copy)


async def test_the_caller_is_understood(played: Played) -> None:
    assert (played.asked["speaker"], played.asked["language"]) == ("customer", "en")
    assert "order" in played.asked["text"].lower()
    assert played.voice["target"] == "agent"


async def test_the_telephone_hears_the_translation(played: Played) -> None:
    """By its words, and sample by sample: nothing is missing, and nothing was stretched."""
    assert word_errors(TRANSLATED, understood(played.heard, "en")) <= 0.2
    assert alignment(voiced(TRANSLATED, "en"), played.heard) > 0.9


async def test_the_session_says_who_called_and_what_became_of_it(played: Played) -> None:
    assert (played.connected["provider"]["type"], played.connected["provider"]["status"]) == ("sip", "connected")
    assert played.session["provider"]["status"] == "disconnected"
    assert played.session["provider"]["from"].startswith("sip:caller@")
    assert played.session["provider"]["sip_call_id"]


async def test_the_transcript_has_both(played: Played) -> None:
    assert [turn["speaker"] for turn in played.turns] == ["customer", "agent"]
    assert played.turns[1]["translation"]["text"] == TRANSLATED


async def test_the_recording_has_both(played: Played) -> None:
    assert len(played.recording) == 2 and is_speech(played.recording[0])
