import io
import json
from itertools import permutations
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
    folder.mkdir(exist_ok=True)
    pieces(folder / "source.spm")
    pieces(folder / "target.spm")
    return folder


def test_m2m100_is_known_by_its_language_tokens(tmp_path: Path) -> None:
    model = family(copying.build(tmp_path / "m2m100"), PRODUCT)
    assert model.pairs == {(a, b) for a in ("en", "de", "es") for b in ("en", "de", "es") if a != b}
    source = model.source("my order", ("en", "de"))
    assert (source[0], source[-1], model.prefix("de")) == ("__en__", "</s>", ["__de__"])
    assert model.text(["__de__", *source[1:]]) == "my order"


def test_nllb200_has_the_same_files_and_is_known_by_the_names_of_its_languages(tmp_path: Path) -> None:
    folder = copying.build(tmp_path / "anything", copying.NLLB200)
    model = family(folder, PRODUCT, noncommercial=True)
    assert model.pairs == set(permutations(PRODUCT, 2))
    source = model.source("my order", ("en", "de"))
    assert (source[0], source[-1], model.prefix("de")) == ("eng_Latn", "</s>", ["deu_Latn"])
    assert model.text(["deu_Latn", *source[1:]]) == "my order"


def test_madlad400_is_told_the_target_in_front_of_the_text(tmp_path: Path) -> None:
    model = family(copying.build(tmp_path / "anything", copying.MADLAD400), frozenset({"en", "he", "tl"}))
    assert len(model.pairs) == 6
    source = model.source("my order", ("en", "tl"))
    assert (source[:2], source[-1], model.prefix("tl")) == (["\u2581", "<2fil>"], "</s>", [])
    assert model.text(source[2:]) == "my order"
    assert "<2he>" in model.source("my order", ("en", "he"))


def test_a_text_does_not_choose_the_language_it_is_answered_in(tmp_path: Path) -> None:
    model = family(copying.build(tmp_path / "madlad400", copying.MADLAD400), PRODUCT)
    source = model.source("my <2es> order", ("en", "de"))
    assert [token for token in source if token.startswith("<2")] == ["<2de>"]
    assert model.text(source) == "my order"


def test_a_vocabulary_may_be_a_line_for_each_token(tmp_path: Path) -> None:
    folder = copying.build(tmp_path / "m2m100")
    tokens = json.loads((folder / "shared_vocabulary.json").read_text())
    (folder / "shared_vocabulary.json").unlink()
    (folder / "shared_vocabulary.txt").write_text("\n".join(tokens))
    assert len(family(folder, PRODUCT).pairs) == 6


@pytest.mark.parametrize(
    ("shape", "missing", "said"),
    [
        (copying.MADLAD400, "sentencepiece.model", "no model of M2M-100"),
        (copying.NLLB200, "shared_vocabulary.json", "no model of M2M-100"),
        (copying.MADLAD400, "shared_vocabulary.json", "no model of M2M-100"),
    ],
)
def test_a_model_that_is_not_all_there_is_refused(
    tmp_path: Path, shape: copying.Shape, missing: str, said: str
) -> None:
    folder = copying.build(tmp_path / "model", shape)
    (folder / missing).unlink()
    with pytest.raises(EnginesNotAvailable, match=said):
        family(folder, PRODUCT, noncommercial=True)


def test_a_damaged_vocabulary_is_refused(tmp_path: Path) -> None:
    folder = copying.build(tmp_path / "m2m100")
    (folder / "shared_vocabulary.json").write_text("[")
    with pytest.raises(EnginesNotAvailable, match=r"shared_vocabulary\.json is damaged"):
        family(folder, PRODUCT)


def test_opus_mt_is_known_by_its_files_and_its_name(tmp_path: Path) -> None:
    model = family(opus(tmp_path / "opus-mt-en-de"), PRODUCT)
    source = model.source("my order", ("en", "de"))
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
