"""Calls whose engines fail, on workers of the deployed stack: one stands still, the others cannot be reached."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess

import pytest

from kallglot import AsyncKallglot
from local.stack import Stack
from tests.integration.test_streams import new_session
from tests.integration.wire import Message, ready
from tests.integration.workers import FRAME_BYTES, FRAME_S, SCRIPTED, Member, member, speak

pytestmark = pytest.mark.asyncio(loop_scope="session")

ONE_PROCESS = {**SCRIPTED, "ENGINE_PROCESSES": "1"}
# Port 9 takes nobody in: the managed engines are out of reach, and others have to do all of their work.
UNREACHABLE = {
    "KALLGLOT_ENGINES": "aws",
    "ENGINE_OPTIONS": '{"transcribe_url": "ws://127.0.0.1:9", "endpoint_url": "http://127.0.0.1:9"}',
    "ENGINE_FALLBACK": "scripted",
    "ENGINE_PROCESSES": "1",
}


def engine_process(worker: Member) -> int:
    # -ww: in a deep folder the command is longer than a line, and ps cuts it where it takes us for a terminal.
    command = ["ps", "-ww", "-eo", "pid=,ppid=,args="]
    rows = [line.split(None, 2) for line in subprocess.check_output(command, text=True).splitlines()]
    (pid,) = [int(pid) for pid, parent, what in rows if int(parent) == worker.process.pid and "engines.process" in what]
    return pid


def codes(messages: list[Message]) -> set[str]:
    assert not any(message["fatal"] for message in messages if message["type"] == "session.error")
    return {message["error"]["code"] for message in messages if message["type"] == "session.error"}


async def test_an_engine_process_that_stands_still_costs_a_call_a_few_seconds_and_no_word(
    stack: Stack, api: AsyncKallglot, question: bytes
) -> None:
    session = await new_session(api)
    async with (
        member(stack, "stands-still", ONE_PROCESS) as worker,
        ready(worker.stream(session, "customer")) as customer,
    ):
        half = len(question) // 2 // FRAME_BYTES * FRAME_BYTES
        for start in range(0, half, FRAME_BYTES):
            await customer.audio(question[start : start + FRAME_BYTES], "customer")
            await asyncio.sleep(FRAME_S)  # a microphone's pace
        stopped = engine_process(worker)
        os.kill(stopped, signal.SIGSTOP)
        await speak(customer, "customer", question[half:])
        final = await customer.until("transcript.final", patience_s=20.0)
        assert engine_process(worker) != stopped
        await api.sessions.end(session["id"])
    assert final["text"]
    assert final["translation"]["text"] == f"[{final['translation']['language']}] {final['text']}"
    assert codes(customer.seen) == {"recognition_restarted"}


async def test_others_hold_a_call_whose_engines_cannot_be_reached_and_both_sides_are_told(
    stack: Stack, api: AsyncKallglot, question: bytes
) -> None:
    session = await new_session(api)
    async with (
        member(stack, "steps-in", UNREACHABLE) as worker,
        ready(worker.stream(session, "customer")) as customer,
        ready(worker.stream(session, "agent")) as agent,
    ):
        await speak(customer, "customer", question)
        final = await agent.until("transcript.final", patience_s=20.0)
        spoken = await agent.until("audio.output", patience_s=20.0)
        await api.sessions.end(session["id"])
    assert final["translation"]["text"] == f"[{final['translation']['language']}] {final['text']}"
    assert spoken["segment_id"] == final["id"]
    fell_back = {"recognition_fell_back", "translation_fell_back", "speech_fell_back"}
    # The first engines are tried again before they are left.
    assert codes(agent.seen) == fell_back | {"recognition_restarted"}
