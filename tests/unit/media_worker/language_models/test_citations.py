import pytest

from media_worker.language_models.citations import Citations


def stripped(pieces: list[str], passages: int = 3) -> tuple[str, list[int]]:
    citations = Citations(passages)
    said = "".join(citations.take(piece) for piece in pieces) + citations.rest()
    return said, citations.used


@pytest.mark.parametrize(
    ("text", "said", "used"),
    [
        ("Two days [1]. Spain takes a week.[2]", "Two days. Spain takes a week.", [1, 2]),
        ("Both [2][1] say so [1, 2].", "Both say so.", [2, 1]),
        ("[3] Yes.", " Yes.", [3]),
        ("Invented [9] and none [0].", "Invented and none.", []),
        ("No marks at all ", "No marks at all ", []),
        ("A list [a] and an end [", "A list [a] and an end [", []),
        ("[1234] is no mark", "[1234] is no mark", []),
    ],
)
def test_marks_are_taken_out_and_told_however_they_are_cut(text: str, said: str, used: list[int]) -> None:
    for size in range(1, len(text) + 1):
        assert stripped([text[start : start + size] for start in range(0, len(text), size)]) == (said, used), size


def test_what_can_be_no_mark_is_said_at_once() -> None:
    citations = Citations(1)
    assert citations.take("We ship ") == "We ship"
    assert citations.take("soon") == " soon"
    assert citations.take(" [") == ""
    assert citations.take("1") == ""
    assert citations.take("] now") == " now"


def test_what_goes_on_too_long_for_a_mark_is_not_held_back() -> None:
    citations = Citations(1)
    assert citations.take("[" + "1," * 40) == "[" + "1," * 40
    assert citations.rest() == ""
