"""/v1/sessions/{id}/transcript."""

from __future__ import annotations

import pytest

from core.ports import Commit
from tests.builders import a_session, a_turn
from tests.fakes.rest import RestWorld

PATH = "/v1/sessions/sess_1/transcript"


@pytest.fixture
def world() -> RestWorld:
    world = RestWorld()
    world.sessions.commit(Commit(a_session(), None, None, turns=(a_turn(),)))
    return world


def test_json_carries_both_generations(world: RestWorld) -> None:
    shown = world.get(PATH).body

    assert shown["turns"][0]["translation"] == {"language": "en", "text": "good day"}
    assert shown["segments"][0]["translation"] == "good day"
    assert shown["status"] == "in_progress"


@pytest.mark.parametrize(
    ("form", "content_type", "begins"),
    [
        ("text", "text/plain; charset=utf-8", "[00:00:01.000] Customer: guten Tag"),
        ("srt", "application/x-subrip; charset=utf-8", "1\n00:00:01,000 --> 00:00:01,500"),
        ("vtt", "text/vtt; charset=utf-8", "WEBVTT\n"),
    ],
)
def test_other_formats_are_text_of_their_type(world: RestWorld, form: str, content_type: str, begins: str) -> None:
    answer = world.get(PATH, {"format": form})

    assert (answer.status, answer.headers["Content-Type"]) == (200, [content_type])
    assert answer.text.startswith(begins)


def test_translations_may_be_left_out(world: RestWorld) -> None:
    answer = world.get(PATH, {"include_translations": "false", "format": "json"})

    assert "translation" not in answer.body["turns"][0]
    assert "translation" not in answer.body["segments"][0]


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"format": "xml"}, "format"),
        ({"format": ""}, "format"),
        ({"include_translations": "1"}, "include_translations"),
    ],
)
def test_a_wrong_query_names_its_parameter(world: RestWorld, query: dict[str, str], param: str) -> None:
    answer = world.get(PATH, query)

    assert (answer.status, answer.error["code"], answer.error["param"]) == (422, "invalid_field_value", param)
