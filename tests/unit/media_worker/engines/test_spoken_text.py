import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_worker.engines.spoken_text import clauses, speakable


@given(st.text(max_size=900))
def test_clauses_lose_nothing_that_can_be_spoken_and_are_never_long(text: str) -> None:
    plain = speakable(text)
    pieces = clauses(plain)
    spoken = [character for character in "".join(pieces) if character.isalnum()]
    assert spoken == [character for character in plain if character.isalnum()]
    assert all(len(piece) <= 250 for piece in pieces)


def test_long_text_is_cut_where_a_speaker_would_pause() -> None:
    assert clauses("Thank you very much for calling, how can I help you? One moment please, I will look.") == [
        "Thank you very much for calling,",
        "how can I help you? One moment please,",
        "I will look.",
    ]


def test_short_openings_stay_with_what_follows() -> None:
    assert clauses("Yes, that is right.") == ["Yes, that is right."]


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("<speak>Hello <break time='9s'/>you</speak>", "Hello you"),
        ("say [[h@'loU]] now", "say h@'loU now"),
        ("a\0b\x1bc\nd", "a b c d"),
        ("3 < 4", "3 4"),
    ],
)
def test_markup_and_phoneme_input_are_taken_out(text: str, spoken: str) -> None:
    assert speakable(text) == spoken
