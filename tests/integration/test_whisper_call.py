"""A call through the engine set `whisper`, on a worker of the deployed stack: real speech in, a known text out.

The models are made on the spot (`tests.models`): the recogniser writes the same words whatever it hears, the translator
repeats them, the voice buzzes. Loading, batching and everything around them are the product's.
"""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest

from core.domain.engines import ENGINE_SETS
from kallglot import AsyncKallglot, audio
from local.stack import Stack
from tests.integration.test_streams import new_session
from tests.integration.wire import ready
from tests.integration.workers import member, speak
from tests.models import handmade

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT = "hello i have a question about my order"
ENGINES = {"KALLGLOT_ENGINES": "whisper", "ENGINE_OPTIONS": '{"compute_type": "float32"}', "ENGINE_PROCESSES": "1"}


async def test_a_german_caller_is_heard_translated_and_spoken_to_the_agent(
    stack: Stack, api: AsyncKallglot, question: bytes, tmp_path: Path
) -> None:
    models = await asyncio.to_thread(handmade.build, tmp_path, TEXT)
    session = await new_session(api, source_language="de", target_language="en")
    async with (
        member(stack, "whisper", ENGINES, models) as worker,
        ready(worker.stream(session, "customer")) as customer,
        ready(worker.stream(session, "agent")) as agent,
    ):
        await speak(customer, "customer", question)
        final = await agent.until("transcript.final")
        spoken = await agent.until("audio.output")
        await api.sessions.end(session["id"])
    assert (final["text"], final["language"]) == (TEXT, "de")
    assert final["translation"]["text"] == TEXT
    samples = audio.decode(base64.b64decode(spoken["audio"]["payload"]))
    assert max(abs(sample) for sample in samples) > 1000


async def test_what_the_worker_can_do_is_what_the_control_plane_tells_of_its_set(
    stack: Stack, api: AsyncKallglot, tmp_path: Path
) -> None:
    models = await asyncio.to_thread(handmade.build, tmp_path)
    session = await new_session(api, source_language="de", target_language="en")
    async with (
        member(stack, "whisper-told", ENGINES, models) as worker,
        ready(worker.stream(session, "agent")) as agent,
    ):
        (greeting,) = [message for message in agent.seen if message["type"] == "session.ready"]
    able = {each["language"]: each["speech_out"] for each in greeting["capabilities"]}
    told = ENGINE_SETS["whisper"]
    assert able == {language: language in told.speech_out for language in ("de", "en")}
