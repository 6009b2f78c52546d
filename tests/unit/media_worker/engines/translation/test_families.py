import io
from pathlib import Path

import pytest
import sentencepiece

from media_worker.engines.registry import EnginesNotAvailable
from media_worker.engines.translation.families import family
from tests.models import copying

PRODUCT = frozenset({"en", "de", "es", "eu"})


def pieces(path: Path) -> None:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["where is my order", "wo ist meine Bestellung"] * 4), model_writer=model,
        vocab_size=64, hard_vocab_limit=False, minloglevel=2,
    )  # fmt: skip
    path.write_bytes(model.getvalue())


def opus(folder: Path) -> Path:
    folder.mkdir()
    pieces(folder / "source.spm")
    pieces(folder / "target.spm")
    return folder


def test_m2m100_is_known_by_its_language_tokens(tmp_path: Path) -> None:
    model = family(copying.build(tmp_path / "m2m100"), PRODUCT)
    assert model.pairs == {(a, b) for a in ("en", "de", "es") for b in ("en", "de", "es") if a != b}
    source = model.source("my order", "en")
    assert (source[0], source[-1], model.prefix("de")) == ("__en__", "</s>", ["__de__"])
    assert model.text(["__de__", *source[1:]]) == "my order"


def test_opus_mt_is_known_by_its_files_and_its_name(tmp_path: Path) -> None:
    model = family(opus(tmp_path / "opus-mt-en-de"), PRODUCT)
    source = model.source("my order", "en")
    assert model.pairs == {("en", "de")}
    assert model.prefix("de") == []
    assert source[-1] == "</s>"
    assert model.text(source) == "my order"


def test_a_pair_that_its_name_does_not_tell_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EnginesNotAvailable, match="named for its pair"):
        family(opus(tmp_path / "best-model"), PRODUCT)


def test_damaged_pieces_are_refused(tmp_path: Path) -> None:
    folder = opus(tmp_path / "opus-mt-en-de")
    (folder / "target.spm").write_bytes(b"nothing")
    with pytest.raises(EnginesNotAvailable, match="missing or damaged"):
        family(folder, PRODUCT)
