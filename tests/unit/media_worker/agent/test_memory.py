from __future__ import annotations

from core.domain.sessions import Role
from core.domain.transcripts import Translation
from media_worker.agent.memory import Memory
from media_worker.language_models.base import Message, Speaker, ToolRequest
from tests.builders import a_turn

ASKED = ToolRequest("r1", "look_up", {"order": 7})


def told(memory: Memory) -> list[tuple[Speaker, str]]:
    return [(message.speaker, message.text) for message in memory.messages()]


def test_who_speaks_twice_in_a_row_has_said_one_thing() -> None:
    memory = Memory()
    for text in ("where is", "my order"):
        memory.caller(text)
    assert told(memory) == [(Speaker.CALLER, "where is my order")]
    assert memory.is_callers_turn and memory.question == "where is my order"


def test_a_tool_that_runs_says_so_until_it_has_answered() -> None:
    memory = Memory()
    memory.caller("where is it")
    memory.asked(ASKED)
    assert told(memory)[-1] == (Speaker.TOOL, '{"status": "running"}')
    memory.answered("r1", '{"state": "sent"}', failed=False)
    assert memory.messages()[-1] == Message(Speaker.TOOL, '{"state": "sent"}', answers="r1")


def test_what_is_being_said_stands_before_what_it_asked_for() -> None:
    memory = Memory()
    memory.caller("where is it")
    memory.asked(ASKED)
    said = memory.messages("Let me look.")
    assert said[1] == Message(Speaker.AGENT, "Let me look.", (ASKED,))
    assert told(memory)[1] == (Speaker.AGENT, "")


def test_it_remembers_what_another_worker_wrote_down_in_the_agents_language() -> None:
    memory = Memory()
    spoken = a_turn(1, "guten Tag", language="de", speaker=Role.CUSTOMER, translation=Translation("en", "hello"))
    memory.recall([spoken, a_turn(2, "Hello.", language="en", speaker=Role.AGENT)], "en")
    assert told(memory) == [(Speaker.CALLER, "hello"), (Speaker.AGENT, "Hello.")]


def test_the_oldest_is_forgotten_and_never_half_of_a_tool_call() -> None:
    memory = Memory()
    memory.caller("go")
    for number in range(50):
        memory.asked(ToolRequest(str(number), "look_up", {}))
    messages = memory.messages()
    assert len(messages) <= 60
    assert messages[0].speaker is not Speaker.TOOL
