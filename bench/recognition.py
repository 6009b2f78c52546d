"""How well and how fast the embedded recogniser hears: `uv run python -m bench.recognition [--json]`.

Printed sentences that are not in the models' text, spoken by Debian's synthesizers, carried over 8 kHz mu-law and
streamed in 20 ms frames through one decoder per voice, as on a call. The English extension is fitted without the
voice that it is scored on. The Spanish one knows espeak-ng by other variants than those scored: one synthesizer.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import jiwer
import numpy as np

from media_worker.audio import g711
from media_worker.engines.base import Recognition, StreamSpec
from media_worker.engines.embedded import bandwidth_fit, build, telephone
from media_worker.engines.embedded.bandwidth import NARROW_HZ, Signal, Weights
from media_worker.engines.embedded.models import DEFAULT_FOLDER
from media_worker.engines.embedded.recogniser import SphinxSpeechToText
from media_worker.engines.embedded.synthesis import Speaker, espeak, flite, speak_all

OUT_OF_DOMAIN = Path(__file__).parent.parent / "tests" / "data" / "speech"
VOICES = {
    "en": tuple(flite(voice) for voice in ("rms", "awb", "kal16")),
    "es": tuple(espeak(voice) for voice in ("es", "es-419+f2")),
}
TARGET_WER = {"en": 0.08, "es": 0.20}

_FRAME_SAMPLES = NARROW_HZ // 50
_WELL_HEARD_WER = 1 / 3


@dataclass(frozen=True)
class Heard:
    """One sentence and what became of it. `finish_s` is the wall time of `finish`."""

    said: str
    result: Recognition
    finish_s: float
    audio_s: float
    cpu_s: float

    @property
    def well(self) -> bool:
        return bool(jiwer.wer(self.said, self.result.text or " ") <= _WELL_HEARD_WER)


@dataclass(frozen=True)
class Report:
    """What one voice, or all of a language, scored. Rates are shares of 1."""

    language: str
    voice: str
    sentences: int
    exact: int
    wer: float
    finish_p50_ms: float
    finish_p95_ms: float
    cpu_ms_per_stream_s: float
    accepted: float
    accepted_of_well_heard: float
    rejected_out_of_domain: float


def out_of_domain(language: str) -> list[str]:
    return (OUT_OF_DOMAIN / f"out_of_domain_{language}.txt").read_text(encoding="utf-8").splitlines()


def telephone_frames(wide: Signal) -> list[bytes]:
    """20 ms mu-law frames of a sentence in a quiet room, with silence around it."""
    mulaw = g711.pcm_to_mulaw(telephone.to_pcm(telephone.carry(telephone.in_a_quiet_room(wide))))
    return [mulaw[start : start + _FRAME_SAMPLES] for start in range(0, len(mulaw), _FRAME_SAMPLES)]


def listen(recogniser: SphinxSpeechToText, language: str, said: Iterable[tuple[str, Signal]]) -> list[Heard]:
    """Every sentence through one leg, so that normalisation converges as it does over a call."""
    stream = recogniser.open(StreamSpec(language, NARROW_HZ))
    heard = []
    for text, wide in said:
        frames = telephone_frames(wide)
        cpu = time.process_time()
        recogniser.begin(stream)
        for frame in frames:
            recogniser.advance([(stream, g711.mulaw_to_pcm(frame))])
        start = time.perf_counter()
        [result] = recogniser.finish([stream])
        finish_s = time.perf_counter() - start
        heard.append(Heard(text, result, finish_s, len(frames) * 0.02, time.process_time() - cpu))
    recogniser.close(stream)
    return heard


def report(language: str, voice: str, inside: Sequence[Heard], outside: Sequence[Heard]) -> Report:
    said, heard = [h.said for h in inside], [h.result.text or " " for h in inside]
    finish_ms = [h.finish_s * 1000 for h in inside]
    return Report(
        language=language,
        voice=voice,
        sentences=len(inside),
        exact=sum(a == b for a, b in zip(said, heard, strict=True)),
        wer=float(jiwer.wer(said, heard)),
        finish_p50_ms=float(np.percentile(finish_ms, 50)),
        finish_p95_ms=float(np.percentile(finish_ms, 95)),
        cpu_ms_per_stream_s=sum(h.cpu_s for h in inside) / sum(h.audio_s for h in inside) * 1000,
        accepted=_share(h.result.understood for h in inside),
        accepted_of_well_heard=_share(h.result.understood for h in inside if h.well),
        rejected_out_of_domain=_share(not h.result.understood for h in outside),
    )


def measure(models: Path, tell: build.Say) -> list[Report]:
    """One report per voice, and one of all voices after those of its language."""
    shares = build.gather_speech(build.SPEAKERS, tell)
    reports = []
    for language, voices in VOICES.items():
        all_inside: list[Heard] = []
        all_outside: list[Heard] = []
        for voice in voices:
            recogniser = SphinxSpeechToText(models, _without(shares, voice))
            inside, outside = _both_sides(recogniser, voice)
            reports.append(report(language, voice.name, inside, outside))
            all_inside += inside
            all_outside += outside
            tell(f"heard {voice.name}; misheard:")
            for heard in inside:
                if heard.said != heard.result.text:
                    tell(f"    {heard.said}  ->  {heard.result.text}")
        reports.append(report(language, "all", all_inside, all_outside))
    return reports


def _both_sides(recogniser: SphinxSpeechToText, voice: Speaker) -> tuple[list[Heard], list[Heard]]:
    texts = [build.held_out(voice.language), out_of_domain(voice.language)]
    inside, outside = (
        listen(recogniser, voice.language, zip(side, speak_all(voice, side), strict=True)) for side in texts
    )
    return inside, outside


def _without(shares: dict[str, bandwidth_fit.Normal], voice: Speaker) -> Weights:
    return bandwidth_fit.solve(share for name, share in shares.items() if name != voice.name)


def _share(cases: Iterable[bool]) -> float:
    found = list(cases)
    return sum(found) / len(found) if found else float("nan")


def _table(reports: Sequence[Report]) -> str:
    head = (
        "lang voice               WER   exact   finish p50 / p95 ms   CPU ms/s   accepted (well heard)   OOD rejected"
    )
    rows = [
        f"{r.language:4} {r.voice:16} {r.wer:6.1%}   {r.exact:2}/{r.sentences:<3}"
        f"  {r.finish_p50_ms:8.1f} / {r.finish_p95_ms:<8.1f}   {r.cpu_ms_per_stream_s:8.1f}"
        f"   {r.accepted:8.0%} ({r.accepted_of_well_heard:.0%})         {r.rejected_out_of_domain:8.0%}"
        for r in reports
    ]
    return "\n".join([head, *rows])


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the embedded recogniser.")
    parser.add_argument("--models", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON and nothing else")
    arguments = parser.parse_args()

    def tell(line: str) -> None:
        if not arguments.json:
            print(line, flush=True)

    build.build(arguments.models, tell)
    reports = measure(arguments.models, tell)
    missed = [r for r in reports if r.voice == "all" and r.wer > TARGET_WER[r.language]]
    if arguments.json:
        print(json.dumps([asdict(r) for r in reports], indent=2))
    else:
        for language in VOICES:
            tell(f"\nsentences, {language}:")
            for sentence in build.held_out(language):
                tell(f"    {sentence}")
        tell(f"\n{_table(reports)}\ntargets: " + ", ".join(f"{k} ≤ {v:.0%}" for k, v in TARGET_WER.items()))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
