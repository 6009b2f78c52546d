from pathlib import Path

import pytest

from media_worker.engines.embedded.lexicon_en import UnknownWords, cut


@pytest.fixture
def dictionary(tmp_path: Path) -> Path:
    path = tmp_path / "words.dict"
    path.write_text("a AH\na(2) EY\nread R EH D\nread(2) R IY D\nzoo Z UW\n", encoding="utf-8")
    return path


def test_a_cut_keeps_every_pronunciation_of_the_wanted_words_and_no_other_word(dictionary: Path) -> None:
    assert cut(dictionary, {"a", "read"}) == [("a", "AH"), ("a", "EY"), ("read", "R EH D"), ("read", "R IY D")]


def test_words_that_the_dictionary_lacks_are_named(dictionary: Path) -> None:
    with pytest.raises(UnknownWords, match="blorp, quux"):
        cut(dictionary, {"a", "quux", "blorp"})
