from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.domain.sessions import Role
from core.domain.transcripts import TranscriptFormat, Translation, Turn, render, transcript_object, turn_object
from tests.builders import a_turn
from tests.fakes.clocks import START
from tests.unit.core.domain.test_sessions import a_session

TURNS = [
    Turn("seg_1", 1, Role.CUSTOMER, "de", "guten Tag", START, 0.5, 1.25, 0.91234, Translation("en", "good day")),
    Turn("seg_2", 2, Role.AGENT, "en", "a <b> & c", START, 3661.0, 3662.5, 0.8),
]


def test_json_carries_both_generations() -> None:
    session = a_session(started_at=START)

    shown = transcript_object(session, TURNS, START + timedelta(seconds=90))

    assert shown["id"] == "trn_sess_1"
    assert shown["status"] == "in_progress"
    assert shown["turns"][0]["translation"] == {"language": "en", "text": "good day"}
    assert shown["segments"][0]["translation"] == "good day"
    assert shown["turns"][0]["confidence"] == 0.912
    assert "translation" not in shown["turns"][1]
    assert (shown["word_count"], shown["duration"]) == (6, 90.0)
    assert shown["metadata"] == {"total_turns": 2, "duration_seconds": 90.0, "languages_detected": ["de", "en"]}


def test_figures_that_did_not_come_through_are_named_with_the_translation() -> None:
    turn = a_turn(text="order 48213", translation=Translation("es", "pedido 48231"))

    assert turn_object(turn)["translation"] == {
        "language": "es",
        "text": "pedido 48231",
        "figures_to_check": ["48213", "48231"],
    }
    assert (
        "figures_to_check"
        not in turn_object(replace(turn, translation=Translation("es", "pedido 48213")))["translation"]
    )


def test_terms_that_got_lost_are_named_with_the_translation() -> None:
    turn = a_turn(text="Girokonto", translation=Translation("en", "giro", ("current account",)))

    shown = turn_object(turn)["translation"]

    assert shown == {"language": "en", "text": "giro", "terms_to_check": ["current account"]}


def test_translations_can_be_left_out_of_every_format() -> None:
    shown = transcript_object(a_session(), TURNS, START, translated=False)

    assert all("translation" not in line for line in shown["turns"] + shown["segments"])
    for form in (TranscriptFormat.TEXT, TranscriptFormat.SRT, TranscriptFormat.VTT):
        assert "good day" in render(TURNS, form)
        assert "good day" not in render(TURNS, form, translated=False)


def test_srt_numbers_its_cues_and_writes_commas() -> None:
    assert render(TURNS, TranscriptFormat.SRT).startswith(
        "1\n00:00:00,500 --> 00:00:01,250\nCustomer: guten Tag\n[en] good day\n\n2\n01:01:01,000 --> "
    )


def test_vtt_escapes_what_would_be_markup() -> None:
    shown = render(TURNS, TranscriptFormat.VTT)

    assert shown.startswith("WEBVTT\n\n00:00:00.500 --> 00:00:01.250\n<v Customer>guten Tag\n")
    assert "<v Agent>a &lt;b&gt; &amp; c" in shown


def test_text_is_for_people() -> None:
    assert render(TURNS, TranscriptFormat.TEXT).splitlines()[:2] == [
        "[00:00:00.500] Customer: guten Tag",
        "    [en] good day",
    ]


def test_an_empty_transcript_is_empty_in_every_format() -> None:
    assert render([], TranscriptFormat.TEXT) == ""
    assert render([], TranscriptFormat.SRT) == ""
    assert render([], TranscriptFormat.VTT) == "WEBVTT\n\n"


def test_rounding_never_carries_a_clock_past_sixty() -> None:
    turn = replace(TURNS[0], start_s=59.9996, end_s=60.4)

    assert "00:01:00,000 --> 00:01:00,400" in render([turn], TranscriptFormat.SRT)
