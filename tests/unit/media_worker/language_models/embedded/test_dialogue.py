from datetime import date

from core.domain.agents import ToolDeclaration
from media_worker.language_models.base import Message, Speaker, ToolRequest
from media_worker.language_models.embedded.dialogue import Dialogue, Intent
from media_worker.language_models.embedded.phrases import phrases
from tests.fakes.language_models import ORDER_STATUS, caller

CANCEL_ORDER = ToolDeclaration("cancel_order", "Cancels an order", ORDER_STATUS.parameters)
ASKED = Message(Speaker.AGENT, "What is the order number, please?")


def requested(name: str, number: str) -> Message:
    return Message(Speaker.AGENT, "", (ToolRequest("call_1", name, {"order_number": number}),))


def followed(*messages: Message) -> Intent | None:
    return Dialogue((ORDER_STATUS, CANCEL_ORDER), phrases("en"), date(2026, 11, 30)).follow(messages)


def test_a_missing_value_comes_with_a_later_turn() -> None:
    begun = followed(caller("Where is my order?"))
    assert begun is not None
    assert begun.missing is not None
    intent = followed(caller("Where is my order?"), ASKED, caller("4711"))
    assert intent is not None
    assert (intent.tool.name, intent.values, intent.missing) == ("order_status", {"order_number": "4711"}, None)


def test_what_was_requested_is_done_with() -> None:
    assert followed(caller("Where is my order 4711?"), requested("order_status", "4711")) is None


def test_a_later_tool_knows_what_an_earlier_one_was_called_with() -> None:
    intent = followed(caller("Where is my order 4711?"), requested("order_status", "4711"), caller("Cancel the order"))
    assert intent is not None
    assert (intent.tool.name, intent.values, intent.brought) == ("cancel_order", {"order_number": "4711"}, False)


def test_the_same_again_with_another_value() -> None:
    before = (caller("Where is my order 4711?"), requested("order_status", "4711"))
    again = followed(*before, caller("And 4712?"))
    assert again is not None
    assert again.values == {"order_number": "4712"}
    assert followed(*before, caller("My pin is 4712")) is None


def test_another_matter_takes_the_place_of_one_that_waits() -> None:
    intent = followed(caller("Where is my order?"), ASKED, caller("no, cancel an order"))
    assert intent is not None
    assert intent.tool.name == "cancel_order"


def test_two_turns_that_bring_nothing_are_borne_and_the_third_ends_it() -> None:
    said = (caller("Where is my order?"), ASKED, caller("hm"), ASKED, caller("well"))
    assert followed(*said) is not None
    assert followed(*said, ASKED, caller("hm")) is None


def test_calling_it_off_ends_it() -> None:
    assert followed(caller("Where is my order?"), ASKED, caller("never mind")) is None
