from media_worker.language_models.base import Message, Speaker, ToolRequest
from media_worker.language_models.history import OPENING, merged, repaired
from tests.fakes.language_models import caller

ASKS = Message(Speaker.AGENT, "One moment.", (ToolRequest("a", "x", {}), ToolRequest("b", "y", {})))


def tool(answers: str) -> Message:
    return Message(Speaker.TOOL, "1", answers=answers)


def test_an_empty_conversation_and_one_that_we_began_begin_with_a_caller() -> None:
    greeting = Message(Speaker.AGENT, "Hello.")
    assert repaired([]) == [caller(OPENING)]
    assert repaired([greeting, caller("Hi")]) == [caller(OPENING), greeting, caller("Hi")]


def test_answers_follow_their_requests_at_once_and_in_their_order() -> None:
    said = [caller("?"), ASKS, tool("b"), caller("and?"), tool("a")]
    assert repaired(said) == [caller("?"), ASKS, tool("a"), tool("b"), caller("and?")]


def test_a_request_that_nobody_answered_has_failed() -> None:
    found = repaired([caller("?"), ASKS, tool("a")])
    assert (found[-1].answers, found[-1].failed) == ("b", True)


def test_an_answer_without_its_request_is_left_out() -> None:
    assert repaired([caller("?"), tool("z")]) == [caller("?")]


def test_a_step_that_was_cut_short_at_once_is_left_out() -> None:
    assert repaired([caller("?"), Message(Speaker.AGENT), caller("!")]) == [caller("?"), caller("!")]


def test_steps_of_the_caller_in_a_row_become_one() -> None:
    agent = Message(Speaker.AGENT, "Yes.")
    assert merged([caller("a"), caller("b"), agent, agent]) == [caller("a\nb"), agent, agent]
