from pathlib import Path

import pytest

from media_worker.engines.base import TranslationRequest
from media_worker.engines.registry import EnginesNotAvailable
from media_worker.engines.translation.folder import load_models
from media_worker.engines.translation.translator import BatchTranslator, Model
from tests.models import copying, t5
from tests.unit.media_worker.engines.translation.test_families import opus

PRODUCT = frozenset({"en", "de", "es", "eu"})


def load(parent: Path, **options: str) -> list[Model]:
    return load_models(parent, options, PRODUCT, device="cpu", compute_type="float32", threads=1)


def pair_model(folder: Path) -> Path:
    """A model that can be loaded, with the pieces of one pair."""
    copying.build(folder)
    (folder / "sentencepiece.bpe.model").unlink()
    return opus(folder)


def served(models: list[Model]) -> list[int]:
    return [len(model.family.pairs) for model in models]


def test_models_of_one_pair_are_asked_before_those_of_many(tmp_path: Path) -> None:
    copying.build(tmp_path / "m2m100")
    pair_model(tmp_path / "opus-mt-de-en")
    pair_model(tmp_path / "opus-mt-en-de")
    (tmp_path / "notes").mkdir()
    assert served(load(tmp_path)) == [1, 1, 6]


def test_the_option_says_which_are_loaded_and_in_which_order(tmp_path: Path) -> None:
    copying.build(tmp_path / "m2m100")
    copying.build(tmp_path / "madlad400", copying.MADLAD400)
    pair_model(tmp_path / "opus-mt-en-de")
    assert served(load(tmp_path, translation="madlad400, opus-mt-en-de")) == [12, 1]
    assert served(load(tmp_path, translation="m2m100")) == [6]


def test_a_name_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    copying.build(tmp_path / "m2m100")
    with pytest.raises(EnginesNotAvailable, match="no model 'madlad400'; it holds m2m100"):
        load(tmp_path, translation="madlad400")
    with pytest.raises(EnginesNotAvailable, match="it holds none"):
        load(tmp_path / "empty", translation="madlad400")


@pytest.mark.parametrize("said", [{}, {"noncommercial": "yes"}, {"translation": "nllb200"}])
def test_weights_that_forbid_business_stop_the_worker_unless_they_were_accepted(
    tmp_path: Path, said: dict[str, str]
) -> None:
    copying.build(tmp_path / "m2m100")
    copying.build(tmp_path / "nllb200", copying.NLLB200)
    with pytest.raises(EnginesNotAvailable, match=r'nllb200 .* "noncommercial" to "accepted"'):
        load(tmp_path, **said)
    assert served(load(tmp_path, noncommercial="accepted")) == [6, 12]


def test_weights_that_forbid_business_may_lie_there_where_others_are_named(tmp_path: Path) -> None:
    copying.build(tmp_path / "m2m100")
    copying.build(tmp_path / "nllb200", copying.NLLB200)
    assert served(load(tmp_path, translation="m2m100")) == [6]


def test_a_model_in_the_shape_of_t5_is_loaded_and_answers_for_each_target(tmp_path: Path) -> None:
    t5.build(tmp_path / "madlad400")
    requests = [TranslationRequest("where is my order", "en", target) for target in ("de", "es")]
    answers = BatchTranslator(load(tmp_path)).translate(requests)
    assert len(answers) == 2
    assert not any("<2" in answer for answer in answers)
