from dataclasses import replace

from core.domain.agents import ToolDeclaration
from media_worker.language_models.base import Message, Prompt, Speaker, ToolRequest
from media_worker.language_models.bedrock.request import request
from tests.fakes.language_models import ORDER_STATUS, caller

PROMPT = Prompt("You are Anna.", (caller("Where is 4711?"),), "en", (ORDER_STATUS,), max_tokens=100)
WISH = ToolRequest("call-1", "order_status", {"order_number": "4711"})
USED = (
    caller("Where is 4711?"),
    Message(Speaker.AGENT, "One moment.", (WISH,)),
    Message(Speaker.TOOL, '{"error": "timeout"}', answers="call-1", failed=True),
    caller("Hello?"),
    caller("Are you there?"),
)


def test_a_request_in_the_shape_of_converse() -> None:
    asked = request(replace(PROMPT, temperature=0.5), "m")
    assert asked["modelId"] == "m"
    assert asked["inferenceConfig"] == {"maxTokens": 100, "temperature": 0.5}
    assert asked["messages"] == [{"role": "user", "content": [{"text": "Where is 4711?"}]}]
    assert asked["toolConfig"]["tools"] == [
        {
            "toolSpec": {
                "name": "order_status",
                "description": "Tells where an order is",
                "inputSchema": {"json": ORDER_STATUS.parameters},
            }
        }
    ]


def test_the_sides_take_turns_and_results_are_the_callers() -> None:
    assert request(replace(PROMPT, messages=USED), "m")["messages"] == [
        {"role": "user", "content": [{"text": "Where is 4711?"}]},
        {
            "role": "assistant",
            "content": [
                {"text": "One moment."},
                {"toolUse": {"toolUseId": "call-1", "name": "order_status", "input": {"order_number": "4711"}}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "toolResult": {
                        "toolUseId": "call-1",
                        "content": [{"text": '{"error": "timeout"}'}],
                        "status": "error",
                    }
                },
                {"text": "Hello?"},
                {"text": "Are you there?"},
            ],
        },
    ]


def test_without_tools_what_was_asked_of_them_is_left_out() -> None:
    asked = request(replace(PROMPT, messages=USED, tools=()), "m")
    assert "toolConfig" not in asked
    assert [turn["role"] for turn in asked["messages"]] == ["user", "assistant", "user"]
    assert "tool" not in str(asked["messages"])


def test_a_description_that_is_empty_is_left_out() -> None:
    (tool,) = request(replace(PROMPT, tools=(ToolDeclaration("hang_up"),)), "m")["toolConfig"]["tools"]
    assert tool == {"toolSpec": {"name": "hang_up", "inputSchema": {"json": {"type": "object"}}}}
