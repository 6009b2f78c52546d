from typing import Any

import pytest

from core.domain.agents import ToolDeclaration
from media_worker.language_models.embedded.phrases import phrases
from media_worker.language_models.embedded.results import say

TITLED = ToolDeclaration("t", result={"type": "object", "properties": {"eta": {"title": "erwartet"}}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"status": "shipped", "arrives_on": "Friday"}', "Status: shipped. Arrives on: Friday."),
        ('{"order": {"paid": true, "note": null}, "items": ["a", "b", "c", "d"]}', "Paid: yes. Items: a, b, c."),
        ('"It is on its way"', "It is on its way."),
        ("12", "12."),
        ("not JSON", "not JSON."),
        ("null", "That is done."),
        ("{}", "That is done."),
        ("[]", "That is done."),
        ('[{"id": 1}, {"id": 2}]', "id 1, id 2."),
    ],
)
def test_values_are_told_by_their_names(text: str, expected: str) -> None:
    assert say(text, None, phrases("en")) == expected


def test_titles_of_the_declared_result_go_before_names() -> None:
    assert say('{"eta": "Freitag", "ok": true}', TITLED, phrases("de")) == "Erwartet: Freitag. Ok: ja."


def test_a_long_result_is_not_read_out_to_its_end() -> None:
    many: Any = "{" + ", ".join(f'"n{place}": {place}' for place in range(20)) + "}"
    assert say(many, None, phrases("en")).count(":") == 6
