import pytest

from media_worker.language_models.openai_compatible.thoughts import Thoughts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<think>Hm, a long <b>story</b>.</think>\n\nYes.", "Yes."),
        ("\n<think>Hm</think>No.", "No."),
        ("Yes, <think> is a tag.", "Yes, <think> is a tag."),
        ("<thi", "<thi"),
        ("<b>Yes</b>", "<b>Yes</b>"),
        ("<think>and no end", ""),
        ("", ""),
    ],
)
def test_thoughts_are_not_said_however_they_are_cut(text: str, said: str) -> None:
    for size in range(1, len(text) + 1):
        thoughts = Thoughts()
        pieces = [thoughts.take(text[start : start + size]) for start in range(0, len(text), size)]
        found = "".join(pieces) + thoughts.rest()
        # A blank behind the thought may come in a piece of its own.
        assert found.lstrip() == said, size
