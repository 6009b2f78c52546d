from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fakes.terminal import Shell
from tests.unit.client.cli.test_commands import listed, ok

AGENT = {
    "id": "agt_1",
    "object": "agent",
    "name": "Ada",
    "version": 2,
    "system_prompt": "You sell shoes.",
    "tools": [{"name": "order_status"}, {"name": "stock"}],
    "greeting": None,
    "updated_at": "2026-03-26T11:00:00Z",
}


def test_an_agent_is_made_of_a_file_and_of_what_the_line_says(shell: Shell, tmp_path: Path) -> None:
    described = tmp_path / "agent.json"
    described.write_text(json.dumps({"name": "old", "system_prompt": "x", "limits": {"tokens": 9}}))
    said = shell(f"agents create --name Ada --file {described}", ok(AGENT, 201))

    assert said.api.bodies == [{"name": "Ada", "system_prompt": "x", "limits": {"tokens": 9}}]
    assert said.rows[:4] == [["agent", "agt_1"], ["version", "2"], ["name", "Ada"], ["prompt", "You sell shoes."]]


@pytest.mark.parametrize("line", ["create --name Ada", "create --prompt x", "update agt_1"])
def test_too_little_is_told_without_asking(shell: Shell, line: str) -> None:
    said = shell(f"agents {line}")

    assert (said.code, said.api.seen) == (2, [])
    assert "--prompt" in said.err


@pytest.mark.parametrize("text", ["[]", "{"])
def test_a_file_without_an_object_is_told(shell: Shell, tmp_path: Path, text: str) -> None:
    described = tmp_path / "agent.json"
    described.write_text(text)

    assert shell(f"agents update agt_1 --file {described}").code == 2


def test_agents_are_listed_shown_changed_and_deleted(shell: Shell) -> None:
    assert shell("agents list", listed(AGENT)).rows[0][:3] == ["agt_1", "2", "Ada"]
    assert shell("agents get agt_1 --json", ok(AGENT)).json == AGENT
    assert shell("agents get agt_1 --version 1", ok(AGENT)).api.seen[0].url.path == "/v1/agents/agt_1/versions/1"
    said = shell("agents update agt_1 --greeting Hello --voice v", ok(AGENT))
    assert (said.api.seen[0].method, said.api.bodies) == ("PATCH", [{"greeting": "Hello", "voice": "v"}])
    assert shell("agents versions agt_1", listed(AGENT)).rows[0][0] == "agt_1"
    assert shell("agents delete agt_1", ok({"id": "agt_1", "deleted": True})).out == "deleted\tagt_1\n"


def test_what_an_agent_wanted_done_is_answered(shell: Shell) -> None:
    answered = {"id": "call_1", "name": "stock", "status": "answered", "result": None}
    said = shell("agents answer sess_1 call_1 --result null", ok(answered))
    assert said.api.bodies == [{"call_id": "call_1", "result": None}]
    assert said.rows[2:4] == [["status", "answered"], ["result", "null"]]
    said = shell("agents answer sess_1 call_1 --error closed", ok({**answered, "error": "closed"}))
    assert said.api.bodies == [{"call_id": "call_1", "error": "closed"}]
    assert shell("agents answer sess_1 call_1 --result {").code == 2
    assert shell("agents answer sess_1 call_1").code == 2


def test_a_session_names_its_agent(shell: Shell) -> None:
    made = ok({"id": "sess_1", "mode": "ai_agent", "ai_agent": {"id": "agt_1", "version": 2}}, 201)
    said = shell("sessions create --agent agt_1", made)

    assert said.api.bodies[0] == {"mode": "ai_agent", "ai_agent": {"id": "agt_1"}}
    assert ["agent", "agt_1"] in said.rows
    body = shell("sessions create --agent agt_1 --mode help_chat_voice", made).api.bodies[0]
    assert body["mode"] == "help_chat_voice"
    assert shell("sessions create", made).api.bodies[0] == {"mode": "bidirectional_translation"}
