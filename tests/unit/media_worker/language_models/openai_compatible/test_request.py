from dataclasses import replace

from media_worker.language_models.base import Message, Prompt, Speaker, ToolRequest
from media_worker.language_models.openai_compatible.request import request
from tests.fakes.language_models import ORDER_STATUS, caller

PROMPT = Prompt("You are Anna.", (caller("Where is 4711?"),), "en", (ORDER_STATUS,), max_tokens=100)


def test_a_request_streams_tells_its_usage_and_names_tools() -> None:
    asked = request(PROMPT, "m", "max_tokens")
    assert (asked["model"], asked["stream"], asked["stream_options"]) == ("m", True, {"include_usage": True})
    assert asked["max_tokens"] == 100
    assert "temperature" not in asked
    (tool,) = asked["tools"]
    assert tool["function"]["name"] == "order_status"
    assert asked["messages"][0]["role"] == "system"
    assert asked["messages"][1:] == [{"role": "user", "content": "Where is 4711?"}]


def test_without_tools_none_are_named() -> None:
    asked = request(replace(PROMPT, tools=(), temperature=0.0), "m", "max_completion_tokens")
    assert "tools" not in asked
    assert (asked["temperature"], asked["max_completion_tokens"]) == (0.0, 100)


def test_tool_calls_and_their_results_are_told_as_they_were() -> None:
    wish = ToolRequest("call-1", "order_status", {"order_number": "4711"})
    said = (
        caller("Where is 4711?"),
        Message(Speaker.AGENT, "", (wish,)),
        Message(Speaker.TOOL, '{"status": "shipped"}', answers="call-1"),
        Message(Speaker.AGENT, "It is on its way."),
        caller("Thanks."),
        caller("Bye."),
    )
    _, *told = request(replace(PROMPT, messages=said), "m", "max_tokens")["messages"]
    call = {
        "id": "call-1",
        "type": "function",
        "function": {"name": "order_status", "arguments": '{"order_number": "4711"}'},
    }
    assert told == [
        {"role": "user", "content": "Where is 4711?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call-1", "content": '{"status": "shipped"}'},
        {"role": "assistant", "content": "It is on its way."},
        {"role": "user", "content": "Thanks.\nBye."},
    ]
