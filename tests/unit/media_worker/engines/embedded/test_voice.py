from core.domain.languages import LANGUAGES
from media_worker.engines.embedded.voice import VOICES


def test_voices_are_languages_of_the_product() -> None:
    assert set(VOICES) <= set(LANGUAGES)
