"""How close concealed sound is to what was lost: speech of espeak-ng, packets of 20 ms of which some are lost.

    python -m bench.concealment [--loss 0.05] [--json]

Log-spectral distance (dB, less is better) and segmental SNR (dB, limited to -10…35, more is better), both over the
pieces that were lost and spoken. Losses are alone or in rows, as drawn; all ways conceal the same.
"""

from __future__ import annotations

import argparse
import audioop
import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from bench.load import speech
from media_worker.sip.rtp.concealment import Concealer

PIECE = 320
_SPOKEN = 300
_GOES_ON = 0.3


@dataclass(frozen=True, slots=True)
class Closeness:
    way: str
    spectral_distance_db: float
    snr_db: float


def drawn(pieces: int, loss: float, seed: int = 7) -> set[int]:
    """Which are lost: `loss` of them, three in ten followed by another."""
    dice = random.Random(seed)
    lost: set[int] = set()
    for number in range(5, pieces):
        begins = dice.random() < loss * (1 - _GOES_ON)
        if begins or (number - 1 in lost and dice.random() < _GOES_ON):
            lost.add(number)
    return lost


def silent(pieces: Sequence[bytes], lost: set[int]) -> list[bytes]:
    return [bytes(PIECE) if number in lost else piece for number, piece in enumerate(pieces)]


def repeated(pieces: Sequence[bytes], lost: set[int]) -> list[bytes]:
    out: list[bytes] = []
    for number, piece in enumerate(pieces):
        out.append(out[-1] if number in lost else piece)
    return out


def concealed(pieces: Sequence[bytes], lost: set[int]) -> list[bytes]:
    concealer = Concealer()
    out: list[bytes] = []
    for number, piece in enumerate(pieces):
        if number in lost:
            out.append(concealer.conceal(PIECE // 2))
            continue
        out.append(piece if concealer.period is None else concealer.resume(piece))
        concealer.pieces.append(out[-1])
    return out


WAYS: dict[str, Callable[[Sequence[bytes], set[int]], list[bytes]]] = {
    "silence": silent,
    "the last packet again": repeated,
    "concealment": concealed,
}


def closeness(way: str, pieces: Sequence[bytes], lost: set[int]) -> Closeness:
    made = WAYS[way](pieces, lost)
    spoken = [number for number in sorted(lost) if audioop.rms(pieces[number], 2) > _SPOKEN]
    pairs = [(_samples(pieces[number]), _samples(made[number])) for number in spoken]
    return Closeness(
        way,
        round(float(np.mean([_distance_db(*pair) for pair in pairs])), 2),
        round(float(np.mean([_snr_db(*pair) for pair in pairs])), 2),
    )


def measure(loss: float) -> list[Closeness]:
    said = audioop.ulaw2lin(speech(), 2)
    pieces = [said[at : at + PIECE] for at in range(0, len(said) - PIECE, PIECE)]
    lost = drawn(len(pieces), loss)
    return [closeness(way, pieces, lost) for way in WAYS]


def _samples(piece: bytes) -> np.ndarray:
    return np.frombuffer(piece, "<i2").astype(np.float64)


def _distance_db(true: np.ndarray, made: np.ndarray) -> float:
    """Of the two spectra, with a floor 60 dB below full scale's sine, so that silence is not endlessly far away."""
    window = np.hanning(len(true))
    levels = [20 * np.log10(np.abs(np.fft.rfft(each * window)) + 1000.0) for each in (true, made)]
    return float(np.sqrt(np.mean((levels[0] - levels[1]) ** 2)))


def _snr_db(true: np.ndarray, made: np.ndarray) -> float:
    noise = float(np.sum((true - made) ** 2)) + 1.0
    return float(np.clip(10 * np.log10(float(np.sum(true**2)) / noise), -10, 35))


def main(arguments: Sequence[str]) -> int:
    given = argparse.ArgumentParser(prog="python -m bench.concealment")
    given.add_argument("--loss", type=float, default=0.05)
    given.add_argument("--json", action="store_true")
    options = given.parse_args(arguments)
    found = measure(options.loss)
    if options.json:
        print(json.dumps([asdict(each) for each in found], indent=2))
        return 0
    print(f"{options.loss:.0%} of packets lost            log-spectral distance dB   segmental SNR dB")
    for each in found:
        print(f"  {each.way:<28} {each.spectral_distance_db:>12.2f} {each.snr_db:>22.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
