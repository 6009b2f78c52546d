"""Makes the embedded recogniser's models: `python -m media_worker.engines.embedded.build [--out DIR]`.

Nothing is downloaded. The language models come from the corpus beside this file, the pronunciations from the
recogniser's own dictionary and from Spanish spelling, the bandwidth extension from speech synthesized on the spot.
A folder that was built from the same sources is left as it is.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path

from media_worker.engines.embedded import bandwidth_fit, lexicon_en, lexicon_es, sphinx, telephone
from media_worker.engines.embedded.bandwidth import Weights, extend
from media_worker.engines.embedded.language_model import END, LanguageModel, write_arpa
from media_worker.engines.embedded.models import DEFAULT_FOLDER, LANGUAGES, ModelFolder
from media_worker.engines.embedded.synthesis import (
    Speaker,
    SynthesisFailed,
    SynthesizerMissing,
    espeak,
    flite,
    speak_all,
)
from media_worker.engines.embedded.templates import corpus_file, held_out_file, parse, sentences

SPEAKERS = (
    *(flite(voice) for voice in ("rms", "awb", "slt", "kal16")),
    *(espeak(voice) for voice in ("es+m3", "es+f2", "es-419+f4", "es-419+m7")),
)
SENTENCES_PER_SPEAKER = 40

_DRAWS_PER_TEMPLATE = 60
_CORPUS_SEED, _SPOKEN_SEED = 1, 2
_SHORTEST_SPOKEN_WORDS = 5
_SENTENCES_TO_NORMALISE = 8
_SOURCES = (
    "build",
    "templates",
    "language_model",
    "lexicon_en",
    "lexicon_es",
    "synthesis",
    "telephone",
    "sphinx",
    "bandwidth",
    "bandwidth_fit",
)
_PACKAGES = ("pocketsphinx", "numpy", "soxr")

Say = Callable[[str], None]


def build(folder: Path, say: Say = lambda line: None) -> bool:
    """Make `folder` what the sources say; False when it already was.

    Raises SynthesizerMissing with the Debian package to install. A failed build leaves the folder as it was.
    """
    wanted = source_hash()
    if _stamp_of(folder) == wanted:
        return False
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = ModelFolder(Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent)))
    try:
        _make(made, say)
        made.stamp.write_text(wanted, encoding="utf-8")
        made.path.chmod(0o755)
        _replace(folder, made.path)
    finally:
        shutil.rmtree(made.path, ignore_errors=True)
    return True


def source_hash() -> str:
    """Changes when anything does that the models are made from."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    texts = [file(language) for language in LANGUAGES for file in (corpus_file, held_out_file)]
    for source in [*(here / f"{module}.py" for module in _SOURCES), *texts]:
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    for package in _PACKAGES:
        digest.update(f"{package} {version(package)}\0".encode())
    return digest.hexdigest()


def corpus(language: str) -> list[str]:
    """The text of a language's model, the same in every build, without the sentences that score it."""
    return _draw(language, _DRAWS_PER_TEMPLATE, _CORPUS_SEED)


def held_out(language: str) -> list[str]:
    return held_out_file(language).read_text(encoding="utf-8").splitlines()


def spoken_sentences(language: str) -> list[str]:
    """What the synthesizers say for the bandwidth extension: long sentences, spread over the corpus."""
    drawn = [s for s in _draw(language, 1, _SPOKEN_SEED) if len(s.split()) >= _SHORTEST_SPOKEN_WORDS]
    step = max(1, len(drawn) // SENTENCES_PER_SPEAKER)
    return drawn[::step][:SENTENCES_PER_SPEAKER]


def gather_speech(speakers: Iterable[Speaker], say: Say) -> dict[str, bandwidth_fit.Normal]:
    """Each speaker's share of the bandwidth extension, by the speaker's name."""
    shares = {}
    for speaker in speakers:
        say(f"listening to {speaker.name}: {SENTENCES_PER_SPEAKER} sentences through three telephone lines")
        shares[speaker.name] = bandwidth_fit.gather(speak_all(speaker, spoken_sentences(speaker.language)))
    return shares


def _normalisation(language: str, models: ModelFolder, weights: Weights) -> str:
    """Where normalisation starts: the mean over the language's speakers of what it converges to."""
    texts = spoken_sentences(language)[:_SENTENCES_TO_NORMALISE]
    means = []
    for speaker in (speaker for speaker in SPEAKERS if speaker.language == language):
        lines = [telephone.carry(telephone.in_a_quiet_room(wide)) for wide in speak_all(speaker, texts)]
        means.append(sphinx.cepstral_mean(language, models, [telephone.to_pcm(extend(weights, x)) for x in lines]))
    return ",".join(f"{sum(values) / len(values):.2f}" for values in zip(*means, strict=True))


def _draw(language: str, draws: int, seed: int) -> list[str]:
    domain = parse(corpus_file(language).read_text(encoding="utf-8"))
    kept_out = set(held_out(language))
    return [sentence for sentence in sentences(domain, draws, seed) if sentence not in kept_out]


def _make(models: ModelFolder, say: Say) -> None:
    for language in LANGUAGES:
        model = LanguageModel(corpus(language))
        say(f"language model {language}: {len(model.vocabulary)} words")
        write_arpa(model, models.language_model(language))
        words = model.vocabulary - {END}
        _write_dictionary(models.dictionary(language), _pronunciations(language, words))
    weights = bandwidth_fit.solve(gather_speech(SPEAKERS, say).values())
    weights.save(models.bandwidth)
    for language in LANGUAGES:
        say(f"normalisation {language}")
        models.normalisation(language).write_text(_normalisation(language, models, weights), encoding="utf-8")


def _pronunciations(language: str, words: frozenset[str]) -> list[tuple[str, str]]:
    if language == "es":
        return [(word, " ".join(phones)) for word in sorted(words) for phones in lexicon_es.pronunciations(word)]
    return lexicon_en.cut(sphinx.english_dictionary(), words)


def _write_dictionary(path: Path, entries: Iterable[tuple[str, str]]) -> None:
    """One pronunciation a line; a word's second is written `word(2)`."""
    seen: dict[str, int] = {}
    with path.open("w", encoding="utf-8") as file:
        for word, phones in entries:
            seen[word] = seen.get(word, 0) + 1
            name = word if seen[word] == 1 else f"{word}({seen[word]})"
            file.write(f"{name} {phones}\n")


def _stamp_of(folder: Path) -> str | None:
    try:
        return ModelFolder(folder).stamp.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _replace(folder: Path, made: Path) -> None:
    """A reader finds the old folder or the new one; only between two renames, for a moment, none."""
    if folder.exists():
        old = made.with_name(f"{made.name}-old")
        folder.rename(old)
        made.rename(folder)
        shutil.rmtree(old)
    else:
        made.rename(folder)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Build the embedded recogniser's models.")
    parser.add_argument("--out", type=Path, default=DEFAULT_FOLDER, help="folder of the models (%(default)s)")
    folder: Path = parser.parse_args(arguments).out
    start = time.perf_counter()
    try:
        built = build(folder, say=lambda line: print(f"  {line}", flush=True))
    except (SynthesizerMissing, SynthesisFailed) as error:
        print(f"cannot build the speech models: {error}", file=sys.stderr)
        return 1
    state = f"built in {time.perf_counter() - start:.0f} s" if built else "up to date"
    print(f"speech models in {folder}: {state}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
