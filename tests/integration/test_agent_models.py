"""The same spoken call by each language model that is asked over a network, on a worker of the deployed stack.

Their servers are of our own, on loopback, and speak as the providers do; engines are scripted, to be quick.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kallglot import AsyncKallglot
from local.stack import Stack
from tests.contract.language_models.kinds import REMOTE, Kind
from tests.fakes.model_servers import ModelServer, Say
from tests.integration.test_streams import new_session
from tests.integration.wire import Wire, ready
from tests.integration.workers import SCRIPTED, Member, member, speak

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOOL = {"name": "order_status", "parameters": {"type": "object", "properties": {"order": {"type": "string"}}}}
AGENT = {"system_prompt": "Be kind.", "greeting": "Hello.", "tools": [TOOL], "transfer": {"enabled": True}}
PLAYS = (
    Say(("One", " moment."), calls=(("c1", "order_status", '{"order": "7"}'),)),
    Say(("It was", " shipped."), pause_s=0.05),
    Say((), calls=(("c2", "transfer_to_human", "{}"),)),
)


@pytest.fixture(params=REMOTE, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@pytest.fixture
def server(kind: Kind) -> Iterator[ModelServer]:
    server = ModelServer(kind.wire(), PLAYS)
    yield server
    server.stop()


async def test_an_agent_greets_calls_a_tool_answers_and_hands_over(
    api: AsyncKallglot, stack: Stack, question: bytes, kind: Kind, server: ModelServer
) -> None:
    async with member(stack, f"agent-{kind.name}", environment(kind, server)) as worker:
        session = await new_session(api, mode="ai_agent", target_language="en", ai_agent=AGENT)
        heard = await call(worker, session, question)
        await api.sessions.end(session["id"])
    turns = (await api.sessions.transcript(session["id"])).raw["turns"]
    said = [turn["text"] for turn in turns if turn["speaker"] == "agent"]
    assert said == ["Hello.", "One moment. It was shipped.", "One moment, I am connecting you with a colleague."]
    assert [message["text"] for message in heard if message["type"] == "transcript.final"] == [
        turn["text"] for turn in turns
    ]
    assert "shipped" in json.dumps(server.asked[1])


def environment(kind: Kind, server: ModelServer) -> dict[str, str]:
    """Without a key: no server of ours asks for one."""
    options = {name: value for name, value in kind.options(server.url).items() if name != "api_key_secret"}
    return {**SCRIPTED, "LANGUAGE_MODEL": kind.name, "LANGUAGE_MODEL_OPTIONS": json.dumps(options)}


async def call(worker: Member, session: dict[str, Any], question: bytes) -> list[dict[str, Any]]:
    """Everything that the caller was sent."""
    async with ready(worker.stream(session, "customer")) as caller:
        await speak(caller, "customer", b"", silence_s=0.2)
        await final_of(caller, "agent")
        await speak(caller, "customer", question)
        asked = await caller.until("tool.call")
        await caller.send({"type": "tool.result", "call_id": asked["call_id"], "result": {"state": "shipped"}})
        await final_of(caller, "agent")
        await speak(caller, "customer", question)
        await caller.until("agent.left")
        await final_of(caller, "agent")
        return caller.seen


async def final_of(caller: Wire, speaker: str) -> None:
    while (await caller.until("transcript.final"))["speaker"] != speaker:
        pass
