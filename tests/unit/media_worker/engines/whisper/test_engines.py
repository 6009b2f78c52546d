from pathlib import Path

import pytest

from media_worker.engines import registry
from media_worker.engines.registry import EngineSettings, EnginesNotAvailable
from tests.models import handmade

OPTIONS = {"compute_type": "float32"}


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return handmade.build(tmp_path)


def test_a_folder_of_models_becomes_an_engine_set(models: Path) -> None:
    engines = registry.build("whisper", EngineSettings(models, OPTIONS))
    assert (engines.name, engines.finish_batch > 1) == ("whisper", True)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("recognition/model.bin", r"recognition/model\.bin is missing"),
        ("recognition/tokenizer.json", r"tokenizer\.json is missing"),
        ("translation/m2m100/model.bin", "no translation model"),
        ("translation/m2m100/sentencepiece.bpe.model", "no model of M2M-100, OPUS-MT"),
        ("voices/kokoro/voices.bin", r"voices\.bin is missing"),
    ],
)
def test_a_missing_file_stops_the_worker_and_is_named(models: Path, missing: str, said: str) -> None:
    (models / missing).unlink()
    with pytest.raises(EnginesNotAvailable, match=said):
        registry.build("whisper", EngineSettings(models, OPTIONS))


@pytest.mark.parametrize("damaged", ["recognition/model.bin", "translation/m2m100/model.bin"])
def test_a_damaged_model_stops_the_worker_and_is_named(models: Path, damaged: str) -> None:
    (models / damaged).write_bytes(b"not a model")
    with pytest.raises(EnginesNotAvailable, match=str((models / damaged).parent)):
        registry.build("whisper", EngineSettings(models, OPTIONS))


def test_a_policy_that_is_not_there_is_answered_with_those_that_are(models: Path) -> None:
    with pytest.raises(EnginesNotAvailable, match="balanced, low, quality"):
        registry.build("whisper", EngineSettings(models, OPTIONS | {"policy": "fast"}))
