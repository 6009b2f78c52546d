from pathlib import Path

import pytest

from media_worker.engines.embedded.gate import Evidence
from media_worker.engines.embedded.recogniser import ModelsMissing, SphinxSpeechToText, recognition
from media_worker.engines.embedded.sphinx import Segment


def test_a_folder_without_models_is_refused_with_the_command_that_makes_them(tmp_path: Path) -> None:
    with pytest.raises(ModelsMissing) as refused:
        SphinxSpeechToText(tmp_path)

    assert refused.value.code == "models_missing"
    assert f"embedded.build --out {tmp_path}" in refused.value.__notes__[0]


def test_segments_become_words_in_seconds_with_confidences() -> None:
    segments = [Segment("hello", 30, 74, Evidence(-2.0, 0.0)), Segment("there", 75, 99, Evidence(-3.0, -0.693147))]

    result = recognition("en", segments)

    assert (result.text, result.language, result.understood) == ("hello there", "en", True)
    assert [(word.text, word.start_s, word.end_s) for word in result.words] == [
        ("hello", 0.3, 0.75),
        ("there", 0.75, 1),
    ]
    assert [word.confidence for word in result.words] == pytest.approx([1.0, 0.5])


def test_what_was_not_understood_keeps_its_words_and_says_so() -> None:
    result = recognition(
        "en", [Segment("gray", 0, 9, Evidence(-9.0, -2.0)), Segment("madrid", 10, 50, Evidence(-9.0, 0))]
    )

    assert not result.understood
    assert result.text == "gray madrid"
    assert result.confidence < 0.05
