from dataclasses import replace
from datetime import date

import pytest

from core.domain.agents import TRANSFER_TOOL, ToolDeclaration
from media_worker.language_models.base import ModelError, Prompt, Text
from media_worker.language_models.embedded.model import EmbeddedModel
from tests.fakes.language_models import ORDER_STATUS, answer, caller, converse, passage, result

MODEL = EmbeddedModel(lambda: date(2026, 11, 30))
SHIPPING = passage("We ship within two days. Parcels to Spain take a week.")
PROMPT = Prompt("You are a secret agent.", (), "en", (ORDER_STATUS,), (SHIPPING,))
GERMAN = ToolDeclaration(
    "bestellstatus",
    "Sagt, wo eine Bestellung ist",
    {"type": "object", "properties": {"nummer": {"type": "string", "title": "Bestellnummer"}}, "required": ["nummer"]},
)
SPANISH = ToolDeclaration(
    "estado_pedido",
    "Dice dónde está un pedido",
    {
        "type": "object",
        "properties": {"numero": {"type": "string", "title": "el número de pedido"}},
        "required": ["numero"],
    },
)


async def test_it_streams_the_sentence_of_a_passage_word_by_word_with_its_mark() -> None:
    found = await answer(MODEL, replace(PROMPT, messages=(caller("When do you ship?"),)))
    assert [piece.text for piece in found.pieces if isinstance(piece, Text)] == [
        "We",
        " ship",
        " within",
        " two",
        " days.",
        " [1]",
    ]


async def test_a_tool_is_called_with_what_the_words_have_for_it_and_its_result_said() -> None:
    first, second = await converse(MODEL, PROMPT, "Where is my order 4711?", result('{"status": "shipped"}'))
    (request,) = first.requests
    assert (request.name, request.arguments, first.text) == ("order_status", {"order_number": "4711"}, "")
    assert second.text == "Status: shipped."


async def test_ids_of_requests_differ_within_a_conversation() -> None:
    first, _, third = await converse(MODEL, PROMPT, "order status 1", result("1"), "and 2?")
    assert first.requests[0].id != third.requests[0].id


@pytest.mark.parametrize(
    ("language", "tool", "said", "asked", "answered", "arguments"),
    [
        (
            "en",
            ORDER_STATUS,
            "Where is my order?",
            "What is the order number, please?",
            "4711",
            {"order_number": "4711"},
        ),
        ("de", GERMAN, "Wo ist meine Bestellung?", "Nennen Sie mir bitte: Bestellnummer.", "die 47", {"nummer": "47"}),
        (
            "es",
            SPANISH,
            "¿Dónde está mi pedido?",
            "¿Me puede decir el número de pedido, por favor?",
            "el treinta y cinco",
            {"numero": "35"},
        ),
    ],
)
async def test_what_is_missing_is_asked_for(
    language: str, tool: ToolDeclaration, said: str, asked: str, answered: str, arguments: dict[str, str]
) -> None:
    first, second = await converse(MODEL, replace(PROMPT, language=language, tools=(tool,)), said, answered)
    assert (first.text, first.requests) == (asked, [])
    assert [request.arguments for request in second.requests] == [arguments]


async def test_a_choice_is_asked_for_with_what_there_is() -> None:
    size = {"type": "object", "properties": {"size": {"enum": ["small", "large"]}}, "required": ["size"]}
    (found,) = await converse(MODEL, replace(PROMPT, tools=(ToolDeclaration("buy_pizza", "", size),)), "buy pizza")
    assert found.text == "Which size would you like: small or large?"


async def test_a_question_in_between_is_answered_and_the_matter_goes_on() -> None:
    _, between, after = await converse(
        MODEL, PROMPT, "Where is my order?", "How long do parcels to Spain take?", "4711"
    )
    assert between.text == "Parcels to Spain take a week. [1]"
    assert after.requests[0].arguments == {"order_number": "4711"}


async def test_a_tool_that_failed_is_apologised_for() -> None:
    for language, words in (("en", "sorry"), ("de", "leid"), ("es", "siento")):
        prompt = replace(PROMPT, language=language)
        _, found = await converse(MODEL, prompt, "order status 4711", result('{"error": "timeout"}', failed=True))
        assert words in found.text


async def test_who_wants_a_person_is_put_through_where_that_is_offered() -> None:
    prompt = replace(PROMPT, tools=(ORDER_STATUS, ToolDeclaration(TRANSFER_TOOL)))
    (found,) = await converse(MODEL, prompt, "I want to talk to a human")
    assert [request.name for request in found.requests] == [TRANSFER_TOOL]
    (refused,) = await converse(MODEL, PROMPT, "I want to talk to a human")
    assert refused.text == "I am sorry, I cannot put you through to anybody."


@pytest.mark.parametrize(
    ("language", "tool", "said", "number"),
    [
        ("en", ORDER_STATUS, "hello i would like to know where my order forty seven eleven is", "4711"),
        ("en", ORDER_STATUS, "can you tell me the status of order number four seven one one please", "4711"),
        ("de", GERMAN, "ich wollte mal fragen wo meine bestellung siebenundvierzig elf bleibt", "4711"),
        ("es", SPANISH, "quisiera saber dónde está mi pedido cuarenta y siete once", "4711"),
    ],
)
async def test_it_takes_what_a_recogniser_writes_without_capitals_and_marks(
    language: str, tool: ToolDeclaration, said: str, number: str
) -> None:
    (found,) = await converse(MODEL, replace(PROMPT, language=language, tools=(tool,)), said)
    assert [list(request.arguments.values()) for request in found.requests] == [[number]]


async def test_what_it_does_not_know_it_says_with_what_it_can() -> None:
    (found,) = await converse(MODEL, PROMPT, "Can I pay by card?")
    assert found.text == "I am sorry, I did not find anything about that. I can help you with order status."
    (bare,) = await converse(MODEL, replace(PROMPT, tools=()), "Can I pay by card?")
    assert bare.text.endswith("Could you put it in other words?")


async def test_small_talk() -> None:
    opening = await answer(MODEL, PROMPT)
    hello, thanks = await converse(MODEL, PROMPT, "Hello!", "thank you")
    assert opening.text == hello.text == "Hello, how can I help you?"
    assert thanks.text == "You are welcome."
    _, off = await converse(MODEL, PROMPT, "Where is my order?", "never mind")
    assert off.text == "All right, we leave it at that."


async def test_an_answer_has_no_more_words_than_were_allowed() -> None:
    found = await answer(MODEL, replace(PROMPT, max_tokens=2))
    assert found.text == "Hello, how"


async def test_a_language_that_it_has_no_phrases_in_is_an_error() -> None:
    with pytest.raises(ModelError):
        await answer(MODEL, replace(PROMPT, language="fr"))


async def test_the_same_prompt_has_the_same_answer() -> None:
    prompt = replace(PROMPT, messages=(caller("When do you ship order 4711?"),))
    assert (await answer(MODEL, prompt)).pieces == (await answer(MODEL, prompt)).pieces
