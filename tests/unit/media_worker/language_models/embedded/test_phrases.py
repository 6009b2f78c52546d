import string

import pytest

from media_worker.language_models.base import ModelError
from media_worker.language_models.embedded.phrases import languages, phrases


def test_english_german_and_spanish_say_the_same_things_with_the_same_gaps() -> None:
    assert languages() >= {"en", "de", "es"}
    english = phrases("en")
    for language in languages():
        other = phrases(language)
        assert other._given.keys() == english._given.keys()
        for name, said in english._given.items():
            if isinstance(said, str):
                assert gaps(other._given[name]) == gaps(said), (language, name)


def gaps(said: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(said) if name}


@pytest.mark.parametrize(("name", "count"), [("units", 20), ("tens", 8), ("weekdays", 7), ("months", 12)])
def test_every_language_can_count(name: str, count: int) -> None:
    assert all(len(phrases(language).words(name)) == count for language in languages())


def test_a_language_without_phrases_is_refused_and_not_answered_in_another() -> None:
    with pytest.raises(ModelError) as refused:
        phrases("fr")
    assert (refused.value.code, refused.value.retryable) == ("language_not_supported", False)
