"""`make bench-engines`: what the engine set `whisper` costs, beside CTranslate2 alone, in one run.

Random weights of real size, one thread, CPU time of the process; the two sides of a ratio take turns. A phrase is five
seconds of telephone sound with twenty tokens in it; `bare` is one `encode` of a ten-second window and one `generate`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from threadpoolctl import threadpool_limits

from bench import random_models
from bench.__main__ import machine
from bench.hearing_load import Load, load
from media_worker.engines.base import StreamSpec, TranslationRequest
from media_worker.engines.translation.translator import BatchTranslator, Model
from media_worker.engines.whisper.decoder import Piece, WhisperDecoder
from media_worker.engines.whisper.policy import POLICIES
from media_worker.engines.whisper.recogniser import WhisperSpeechToText

PHRASE_S = 5
RATE_HZ = 8000
_SLICE_BYTES = RATE_HZ // 5 * 2
_SENTENCES = (1, 8, 16)
# A core that is busier than that keeps callers waiting.
_BUSY = 0.7
_WINDOW_FRAMES = 1000


@dataclass(frozen=True, slots=True)
class Device:
    """Where it runs, and what is counted there: CPU time of a phrase alone, or, of a GPU that nobody else uses, time
    of a phrase among `together`."""

    name: str
    compute_type: str
    together: int
    units: int
    clock: Callable[[], float]


CPU = Device("cpu", "int8", together=1, units=4, clock=time.process_time)
GPU = Device("cuda", "float16", together=16, units=1, clock=time.perf_counter)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Milliseconds. `whole` is a phrase with all that belongs to it: resampling, the two hearings before its end, the
    final with its word times."""

    bare_ms: float
    final_ms: float
    times_ms: float
    whole_ms: float

    @property
    def ratio(self) -> float:
        """Without word times, which are no part of what stands beside it."""
        return self.final_ms / self.bare_ms


class _Phrases:
    def __init__(self, folder: Path, device: Device, rounds: int) -> None:
        self._device, self._rounds = device, rounds
        self._decoder = WhisperDecoder(folder, device=device.name, compute_type=device.compute_type)
        self._speech = WhisperSpeechToText(self._decoder, POLICIES["balanced"], frozenset({"en", "es"}))
        self._pcm = _sound(PHRASE_S)
        self._signal = np.frombuffer(_sound(PHRASE_S, 16000), "<i2").astype(np.float32) / np.float32(32768)

    def measure(self) -> Phrase:
        without, with_times = (self._pieces(with_times=wanted) for wanted in (False, True))
        sides = (self._bare, lambda: self._final(without), lambda: self._final(with_times), self._whole)
        spent = _taking_turns(self._rounds, self._device.clock, *sides)
        return Phrase(*(ms / self._device.together for ms in spent))

    def _pieces(self, *, with_times: bool) -> list[Piece]:
        return [Piece(self._signal, "en", with_times=with_times)] * self._device.together

    def _bare(self) -> None:
        model, count = self._decoder._model, self._device.together
        prompt = self._decoder._prompt(self._pieces(with_times=False)[0])
        features = np.zeros((count, model.feature_extractor.mel_filters.shape[0], _WINDOW_FRAMES), np.float32)
        encoded = model.model.encode(ctranslate2.StorageView.from_array(features))
        answers = model.model.generate(encoded, [prompt] * count, beam_size=1, max_length=128)
        assert all(len(answer.sequences_ids[0]) >= random_models.SAID for answer in answers)

    def _final(self, pieces: Sequence[Piece]) -> None:
        assert all(len(heard.words) == random_models.SAID for heard in self._decoder.hear(pieces))

    def _whole(self) -> None:
        streams = [self._speech.open(StreamSpec("en", RATE_HZ)) for _ in range(self._device.together)]
        for stream in streams:
            self._speech.begin(stream)
        for start in range(0, len(self._pcm), _SLICE_BYTES):
            self._speech.advance([(stream, self._pcm[start : start + _SLICE_BYTES]) for stream in streams])
        assert all(heard.text for heard in self._speech.finish(streams))


def _sound(seconds: float, rate_hz: int = RATE_HZ) -> bytes:
    noise = np.random.default_rng(2).standard_normal(int(seconds * rate_hz))
    return bytes((noise * 2000).astype("<i2").tobytes())


def _taking_turns(rounds: int, clock: Callable[[], float], *sides: Callable[[], None]) -> list[float]:
    """Median milliseconds of each, the first round left out."""
    spent: list[list[float]] = [[] for _ in sides]
    for _ in range(rounds + 1):
        for times, side in zip(spent, sides, strict=True):
            began = clock()
            side()
            times.append((clock() - began) * 1000)
    return [statistics.median(times[1:]) for times in spent]


def translation(folder: Path, device: Device, rounds: int) -> dict[int, float]:
    """Milliseconds of a sentence, by how many are translated together."""
    languages = frozenset({"de", "en", "es"})
    model = Model.load(folder, languages, device=device.name, compute_type=device.compute_type, threads=1)
    made = BatchTranslator([model])

    def together(count: int) -> Callable[[], None]:
        requests = [TranslationRequest(random_models.SENTENCE, "en", "es")] * count
        return lambda: _check(made.translate(requests))

    spent = _taking_turns(rounds, device.clock, *(together(count) for count in _SENTENCES))
    return {count: ms / count for count, ms in zip(_SENTENCES, spent, strict=True)}


def _check(texts: Sequence[str]) -> None:
    assert all(texts)


def sessions(device: Device, phrase_ms: float, sentence_ms: float) -> int:
    """Calls that four cores, or one GPU, carry where one of two speaks at any moment, without voices."""
    return int(device.units * _BUSY * PHRASE_S * 1000 / (phrase_ms + sentence_ms))


def measure(sizes: Sequence[str], device: Device, rounds: int) -> dict[str, Any]:
    phrases: dict[str, Phrase] = {}
    with tempfile.TemporaryDirectory() as folder:
        models = {name: random_models.whisper(Path(folder) / name, random_models.WHISPER[name]) for name in sizes}
        for name, model in models.items():
            phrases[name] = _Phrases(model, device, rounds).measure()
        waiting = load(models[sizes[0]], device.name, device.compute_type)
        sentence_ms = translation(random_models.translator(Path(folder) / "m2m100"), device, rounds)
    carried = {
        name: sessions(device, phrase.whole_ms, sentence_ms[min(device.together, max(_SENTENCES))])
        for name, phrase in phrases.items()
    }
    return {"phrases": phrases, "sessions": carried, "load": {sizes[0]: waiting}, "sentence_ms": sentence_ms}


def table(found: Mapping[str, Any], device: Device) -> str:
    phrases: Mapping[str, Phrase] = found["phrases"]
    sentences: Mapping[int, float] = found["sentence_ms"]
    loads: Mapping[str, Load] = found["load"]
    lines = [
        f"A phrase of {PHRASE_S} s, ms ({device.name}, {device.together} together)",
        "  model              bare    final   ratio   with word times   whole phrase   sessions"
        f" on {device.units} x {device.name}",
    ]
    for name, phrase in phrases.items():
        lines.append(
            f"  {name:<16} {phrase.bare_ms:6.0f} {phrase.final_ms:8.0f} {phrase.ratio:7.2f}"
            f" {phrase.times_ms:17.0f} {phrase.whole_ms:14.0f} {found['sessions'][name]:20d}"
        )
    lines += ["", "Translation, M2M-100 418M, ms a sentence"]
    lines += [
        f"  {count:2d} at once {ms:8.0f}   {sentences[1] / ms:5.2f} times cheaper than alone"
        for count, ms in sentences.items()
    ]
    lines += ["", "Scheduler"]
    lines += [f"  {name}: {each.told()}" for name, each in loads.items()]
    lines += ["", ", ".join(f"{name} {what}" for name, what in machine().items())]
    return "\n".join(lines)


def main() -> int:
    given = argparse.ArgumentParser(prog="make bench-engines ARGS=…", description=__doc__)
    given.add_argument("--json", action="store_true")
    given.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    given.add_argument("--sizes", nargs="+", choices=tuple(random_models.WHISPER), default=["tiny", "base", "small"])
    given.add_argument("--rounds", type=int, default=9)
    options = given.parse_args()
    # As an engine process has it.
    threadpool_limits(1, "blas")
    device = GPU if options.device == GPU.name else CPU
    found = measure(options.sizes, device, options.rounds)
    if options.json:
        found["phrases"] = {name: asdict(phrase) for name, phrase in found["phrases"].items()}
        found["load"] = {name: asdict(each) for name, each in found["load"].items()}
        print(json.dumps(found | {"machine": machine()}, indent=2))
    else:
        print(table(found, device))
    return 0


if __name__ == "__main__":
    sys.exit(main())
