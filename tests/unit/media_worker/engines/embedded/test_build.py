from pathlib import Path

import pytest

from media_worker.engines.embedded import build as building
from media_worker.engines.embedded import lexicon_es
from media_worker.engines.embedded.build import build, corpus, held_out, source_hash, spoken_sentences
from media_worker.engines.embedded.models import LANGUAGES, ModelFolder
from media_worker.engines.embedded.synthesis import SynthesizerMissing


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Builds are counted, and only leave a mark."""
    folders: list[Path] = []

    def make(models: ModelFolder, say: building.Say) -> None:
        folders.append(models.path)
        models.bandwidth.write_text(f"build {len(folders)}")

    monkeypatch.setattr(building, "_make", make)
    return folders


def test_a_second_build_from_the_same_sources_does_nothing(tmp_path: Path, made: list[Path]) -> None:
    assert build(tmp_path / "models") is True
    assert build(tmp_path / "models") is False
    assert len(made) == 1


def test_changed_sources_replace_the_folder_as_a_whole(
    tmp_path: Path, made: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models"
    build(folder)
    (folder / "stray").touch()
    monkeypatch.setattr(building, "source_hash", lambda: "other sources")

    assert build(folder) is True
    assert (folder / "bandwidth.npz").read_text() == "build 2"
    assert not (folder / "stray").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["models"]


def test_a_build_that_fails_leaves_the_old_models_and_no_rubbish(
    tmp_path: Path, made: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models"
    build(folder)

    def fail(models: ModelFolder, say: building.Say) -> None:
        raise SynthesizerMissing("flite is not installed: apt-get install flite")

    monkeypatch.setattr(building, "_make", fail)
    monkeypatch.setattr(building, "source_hash", lambda: "other sources")
    with pytest.raises(SynthesizerMissing):
        build(folder)

    assert (folder / "bandwidth.npz").read_text() == "build 1"
    assert [path.name for path in tmp_path.iterdir()] == ["models"]


def test_a_half_written_folder_is_built_again(tmp_path: Path, made: list[Path]) -> None:
    (tmp_path / "models").mkdir()

    assert build(tmp_path / "models") is True


def test_a_missing_synthesizer_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(models: ModelFolder, say: building.Say) -> None:
        raise SynthesizerMissing("flite is not installed: apt-get install flite")

    monkeypatch.setattr(building, "_make", fail)

    assert building.main(["--out", str(tmp_path / "models")]) == 1
    assert "apt-get install flite" in capsys.readouterr().err


def test_the_hash_follows_the_corpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = source_hash()
    for language in LANGUAGES:
        (tmp_path / f"{language}.txt").write_text("hello")
    monkeypatch.setattr(building, "corpus_file", lambda language: tmp_path / f"{language}.txt")

    assert source_hash() != before


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_that_scores_the_recogniser_is_in_its_text(language: str) -> None:
    text = set(corpus(language)) | set(spoken_sentences(language))
    scored = set(held_out(language))

    assert len(scored) >= 25
    assert not scored & text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_corpus_is_broad_and_holds_words_only(language: str) -> None:
    text = corpus(language)

    assert len({word for sentence in text for word in sentence.split()}) > 800
    assert len(set(text)) > 5000
    assert all(character.isalpha() or character in " '" for sentence in text for character in sentence)


def test_every_spanish_word_can_be_pronounced() -> None:
    for word in {word for sentence in corpus("es") for word in sentence.split()}:
        assert lexicon_es.pronunciations(word)


def test_a_dictionary_numbers_the_variants_of_a_word(tmp_path: Path) -> None:
    building._write_dictionary(tmp_path / "d", [("a", "AH"), ("be", "B IY"), ("a", "EY"), ("a", "AA")])

    assert (tmp_path / "d").read_text() == "a AH\nbe B IY\na(2) EY\na(3) AA\n"
