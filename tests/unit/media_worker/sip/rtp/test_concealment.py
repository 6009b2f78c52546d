from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from media_worker.sip.rtp.concealment import Concealer

PIECE = 160


def voiced(pitch_hz: float, samples: int = 8000, glide: float = 1.05) -> npt.NDArray[np.float64]:
    """A vowel: harmonics that fall off, a pitch that rises a little, loudness that swells."""
    time = np.arange(samples) / 8000
    phase = 2 * np.pi * pitch_hz * (time + (glide - 1) * time**2 / 2)
    sound = sum(np.sin(harmonic * phase) / harmonic for harmonic in range(1, 12) if harmonic * pitch_hz < 3400)
    return np.asarray(4000 * sound * (0.7 + 0.3 * np.sin(2 * np.pi * 2 * time)))


def pieces(sound: npt.NDArray[np.float64]) -> list[bytes]:
    whole = np.rint(sound).astype("<i2")
    return [whole[at : at + PIECE].tobytes() for at in range(0, len(whole), PIECE)]


def snr_db(true: bytes, made: bytes) -> float:
    wanted, got = (np.frombuffer(each, "<i2").astype(float) for each in (true, made))
    return float(10 * np.log10(np.sum(wanted**2) / np.sum((wanted - got) ** 2)))


def after(said: list[bytes]) -> Concealer:
    concealer = Concealer()
    concealer.pieces.extend(said)
    return concealer


@pytest.mark.parametrize("pitch_hz", [80, 110, 160, 220, 300])
def test_a_lost_piece_of_a_voice_is_close_to_what_was_said(pitch_hz: float) -> None:
    said = pieces(voiced(pitch_hz))
    found = [snr_db(said[lost], after(said[:lost]).conceal(PIECE)) for lost in range(8, 50, 3)]
    # Silence in its place is 0 dB by definition.
    assert np.mean(found) > 9
    again = [snr_db(said[lost], said[lost - 1]) for lost in range(8, 50, 3)]
    assert np.mean(found) > np.mean(again) + 3


def test_what_goes_on_missing_fades_and_is_over_after_sixty_milliseconds() -> None:
    concealer = after(pieces(voiced(120))[:10])
    made = [np.frombuffer(concealer.conceal(PIECE), "<i2") for _ in range(5)]
    loud = [int(np.abs(piece).max()) for piece in made]
    assert loud[0] > loud[1] > loud[2] > loud[3] == loud[4] == 0
    assert concealer.is_silent


def test_the_seams_do_not_click() -> None:
    said = pieces(voiced(120))
    concealer = after(said[:20])
    made = b"".join([said[19], concealer.conceal(PIECE), concealer.resume(said[21])])
    steps = np.abs(np.diff(np.frombuffer(made, "<i2").astype(int)))
    usual = np.abs(np.diff(np.frombuffer(b"".join(said[18:22]), "<i2").astype(int))).max()
    assert steps.max() <= usual * 1.5


def test_sound_after_a_gap_comes_in_gradually() -> None:
    concealer = after([bytes(320)] * 8)
    concealer.conceal(PIECE)
    rising = np.frombuffer(concealer.resume(np.full(PIECE, 10_000, "<i2").tobytes()), "<i2")
    assert rising[0] < 500 and np.abs(np.diff(rising.astype(int))).max() < 500


def test_a_repeated_period_goes_over_into_itself_also_while_the_sound_changes() -> None:
    ramp = (np.arange(1280) * 20).astype("<i2").tobytes()
    made = np.frombuffer(after([ramp]).conceal(PIECE), "<i2").astype(int)
    # Unblended the end of a period would be 800 or more above its beginning.
    assert np.abs(np.diff(made)).max() < 400


def test_afterwards_it_is_the_sound_itself() -> None:
    said = pieces(voiced(120))
    concealer = after(said[:20])
    concealer.conceal(PIECE)
    resumed = concealer.resume(said[21])
    assert resumed[80:] == said[21][80:] and concealer.period is None


@pytest.mark.parametrize("heard", [[], [b"\1\2" * 50], [bytes(320)] * 8])
def test_too_little_or_silence_is_made_up_as_silence(heard: list[bytes]) -> None:
    assert after(heard).conceal(PIECE) == bytes(320)


def test_the_loudest_sound_does_not_overflow() -> None:
    square = np.where(np.arange(1600) % 80 < 40, 32767, -32768).astype("<i2").tobytes()
    made = np.frombuffer(after([square]).conceal(PIECE), "<i2").astype(int)
    assert np.abs(made).min() > 20_000


def test_a_piece_shorter_than_a_seam_is_blended_as_far_as_it_goes() -> None:
    concealer = after(pieces(voiced(120))[:10])
    concealer.conceal(PIECE)
    assert len(concealer.resume(b"\1\0" * 3)) == 6


def test_of_another_voice_nothing_is_repeated() -> None:
    concealer = after(pieces(voiced(120))[:10])
    concealer.forget()
    assert concealer.conceal(PIECE) == bytes(320)
