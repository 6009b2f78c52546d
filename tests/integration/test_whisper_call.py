"""Calls through the engine set `whisper`, on a worker of the deployed stack: real speech in, a known text out.

The models are made on the spot (`tests.models`): the recogniser writes the same words whatever it hears, the translator
repeats them, the voice buzzes. Loading, batching and everything around them are the product's.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import boto3
import pytest
import pytest_asyncio

from core.domain.engines import ENGINE_SETS
from kallglot import AsyncKallglot, audio
from local.stack import Stack
from tests.integration.store import function_named
from tests.integration.test_streams import new_session
from tests.integration.wire import ready
from tests.integration.workers import Member, member, speak
from tests.models import handmade

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEXT = "hello i have a question about my order"
ENGINES = {"KALLGLOT_ENGINES": "whisper", "ENGINE_OPTIONS": '{"compute_type": "float32"}', "ENGINE_PROCESSES": "1"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def worker(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Member]:
    models = await asyncio.to_thread(handmade.build, tmp_path_factory.mktemp("models"), TEXT)
    async with member(stack, "whisper", ENGINES, models) as running:
        yield running


@asynccontextmanager
async def control_plane_of(engines: str) -> AsyncIterator[None]:
    """The deployed API as it is where these engines are deployed; the stack's own are others."""
    function = await asyncio.to_thread(function_named, "lambdas.rest.app.handler")
    declared = function["Environment"]["Variables"]
    await asyncio.to_thread(_set_environment, function["FunctionName"], {**declared, "KALLGLOT_ENGINES": engines})
    try:
        yield
    finally:
        await asyncio.to_thread(_set_environment, function["FunctionName"], declared)


def _set_environment(function: str, variables: dict[str, str]) -> None:
    client = boto3.client("lambda")
    client.update_function_configuration(FunctionName=function, Environment={"Variables": variables})
    client.get_waiter("function_updated_v2").wait(FunctionName=function, WaiterConfig={"Delay": 1, "MaxAttempts": 30})


async def test_a_german_caller_is_heard_translated_and_spoken_to_the_agent(
    api: AsyncKallglot, question: bytes, worker: Member
) -> None:
    session = await new_session(api, source_language="de", target_language="en")
    async with (
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


async def test_who_named_no_language_is_heard_in_the_one_that_is_spoken(
    api: AsyncKallglot, question: bytes, worker: Member
) -> None:
    async with control_plane_of("whisper"):
        session = dict((await api.sessions.create(mode="bidirectional_translation")).raw)
        half_open = dict((await api.sessions.create(mode="bidirectional_translation", target_language="es")).raw)
    assert (session["source_language"], session["target_language"]) == (None, None)
    async with (
        ready(worker.stream(session, "customer")) as customer,
        ready(worker.stream(session, "agent")) as agent,
        ready(worker.stream(half_open, "customer")) as other,
    ):
        speaking = ((customer, "customer"), (agent, "agent"), (other, "customer"))
        await asyncio.gather(*(speak(wire, speaker, question) for wire, speaker in speaking))
        finals = [await customer.until("transcript.final") for _ in range(2)]
        translated = await other.until("transcript.final")
        for each in (session, half_open):
            await api.sessions.end(each["id"])
    heard = {(final["speaker"], final["text"], final["language"]) for final in finals}
    assert heard == {("customer", TEXT, "en"), ("agent", TEXT, "en")}
    assert (translated["language"], translated["translation"]["language"]) == ("en", "es")
    stored = dict((await api.sessions.transcript(session["id"])).raw)
    assert stored["metadata"]["languages_detected"] == ["en"]


async def test_what_the_worker_can_do_is_what_the_control_plane_tells_of_its_set(
    api: AsyncKallglot, worker: Member
) -> None:
    session = await new_session(api, source_language="de", target_language="en")
    async with ready(worker.stream(session, "agent")) as agent:
        (greeting,) = [message for message in agent.seen if message["type"] == "session.ready"]
    able = {each["language"]: each["speech_out"] for each in greeting["capabilities"]}
    told = ENGINE_SETS["whisper"]
    assert able == {language: language in told.speech_out for language in ("de", "en")}
