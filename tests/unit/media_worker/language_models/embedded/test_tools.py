import pytest

from core.domain.agents import TRANSFER_TOOL, ToolDeclaration
from media_worker.language_models.embedded.phrases import phrases
from media_worker.language_models.embedded.tools import cancels, match, wants_a_person
from tests.fakes.language_models import ORDER_STATUS

CANCEL_ORDER = ToolDeclaration("cancel_order", "Cancels an order", ORDER_STATUS.parameters)
WEATHER = ToolDeclaration(
    "weather", "Forecast", {"type": "object", "properties": {"day": {"type": "string", "enum": ["today", "sunday"]}}}
)
TOOLS = (ORDER_STATUS, CANCEL_ORDER, WEATHER, ToolDeclaration(TRANSFER_TOOL, "human"))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Where is my order 4711?", "order_status"),
        ("please cancel my order four seven", "cancel_order"),
        ("What's the weather on Sunday?", "weather"),
        ("I am free on sunday", None),
        ("What are your opening hours?", None),
        ("4711", None),
        ("human", None),
    ],
)
def test_the_tool_that_knows_most_of_the_words(said: str, expected: str | None) -> None:
    found = match(said, TOOLS, phrases("en"))
    assert (found.tool.name if found else None) == expected


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "I want to talk to a human"),
        ("en", "agent please"),
        ("en", "could you put me through to somebody"),
        ("de", "Ich möchte mit einem Mitarbeiter sprechen"),
        ("de", "Mitarbeiter bitte"),
        ("es", "Quiero hablar con un agente"),
        ("es", "una persona"),
    ],
)
def test_who_wants_a_person_is_understood(language: str, said: str) -> None:
    assert wants_a_person(said, phrases(language))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "is it true that a person has fifteen years of warranty"),
        ("en", "I want to talk about my order"),
        ("de", "Der Mensch hat ein Paket gebracht"),
        ("es", "mi agente de viajes no me avisó"),
    ],
)
def test_who_speaks_of_persons_is_not_put_through(language: str, said: str) -> None:
    assert not wants_a_person(said, phrases(language))


def test_calling_it_off() -> None:
    assert cancels("oh, never mind", phrases("en"))
    assert not cancels("cancel my order", phrases("en"))
