from pathlib import Path

import numpy as np
import pytest

from media_worker.engines.embedded.bandwidth import (
    FRAMES_BEFORE,
    HIGH_EDGES_HZ,
    LOW_EDGES_HZ,
    NARROW_HZ,
    WIDE_HZ,
    BandwidthExtension,
    Signal,
    Upsampler,
    Weights,
)

CENTRE = 31
INPUTS, UNITS, BANDS = 114, 8, len(HIGH_EDGES_HZ) - 1


def weights(level: float = 0.0) -> Weights:
    """Random ones, whose high bands stand about `level` nats over the low band's mean."""
    rng = np.random.default_rng(3)
    shapes = ((INPUTS, UNITS), (UNITS,), (1 + INPUTS + UNITS, BANDS))
    hidden, bias, readout = (rng.standard_normal(shape).astype(np.float32) * np.float32(0.1) for shape in shapes)
    readout[0] = level
    return Weights(hidden, bias, readout)


def noise(samples: int) -> Signal:
    return np.random.default_rng(1).standard_normal(samples).astype(np.float32) * np.float32(0.1)


def in_pieces(extension: BandwidthExtension, signal: Signal, piece: int) -> Signal:
    fed = [extension.feed(signal[start : start + piece]) for start in range(0, len(signal), piece)]
    return np.concatenate([*fed, extension.flush()])


def test_the_upsampler_passes_samples_through_its_centre() -> None:
    impulse = np.zeros(100, np.float32)
    impulse[10] = 1.0

    wide = Upsampler().feed(impulse)

    assert np.argmax(wide) == 20 + CENTRE
    assert wide[20 + CENTRE] == pytest.approx(1.0)
    response = wide[20 : 20 + 2 * CENTRE + 1]
    assert np.allclose(response, response[::-1], atol=1e-6)
    assert not wide[:20].any() and not wide[20 + 2 * CENTRE + 1 :].any()


@pytest.mark.parametrize("hertz", [200, 1000, 3000])
def test_a_tone_of_the_telephone_band_comes_out_as_itself(hertz: int) -> None:
    tone = np.sin(2 * np.pi * hertz * np.arange(2000) / NARROW_HZ).astype(np.float32)
    expected = np.sin(2 * np.pi * hertz * (np.arange(4000) - CENTRE) / WIDE_HZ)

    assert np.abs(Upsampler().feed(tone) - expected)[100:].max() < 0.01


@pytest.mark.parametrize("piece", [1, 7, 63, 160, 161])
def test_upsampling_in_pieces_equals_upsampling_at_once(piece: int) -> None:
    signal, upsampler = noise(1000), Upsampler()

    pieces = [upsampler.feed(signal[start : start + piece]) for start in range(0, 1000, piece)]

    assert np.allclose(np.concatenate(pieces), Upsampler().feed(signal), atol=1e-6)


@pytest.mark.parametrize("piece", [1, 33, 160, 255, 1600])
def test_extending_in_pieces_equals_extending_at_once(piece: int) -> None:
    signal = noise(1999)

    at_once = in_pieces(BandwidthExtension(weights()), signal, len(signal))

    assert len(at_once) == 2 * len(signal)
    assert np.allclose(in_pieces(BandwidthExtension(weights()), signal, piece), at_once, atol=1e-5)


def test_output_is_aligned_with_input_and_trails_it_by_a_bounded_time() -> None:
    extension, given, trails = BandwidthExtension(weights(level=-12)), [], []
    tone = np.sin(2 * np.pi * 500 * np.arange(4000) / NARROW_HZ).astype(np.float32)

    for start in range(0, 4000, 160):
        given.append(extension.feed(tone[start : start + 160]))
        trails.append((start + 160) / NARROW_HZ - sum(map(len, given)) / WIDE_HZ)

    expected = np.sin(2 * np.pi * 500 * np.arange(8000) / WIDE_HZ)
    out = np.concatenate(given)
    assert np.abs(out - expected[: len(out)])[200:].max() < 0.05
    assert 0 < max(trails) <= BandwidthExtension.LATEST_S


def energy_above(signal: Signal, hertz: int) -> float:
    power = np.abs(np.fft.rfft(signal)) ** 2
    return float(power[np.fft.rfftfreq(len(signal), 1 / WIDE_HZ) > hertz].sum())


def test_the_high_band_holds_what_the_weights_say() -> None:
    signal = noise(4000)
    quiet, loud = (in_pieces(BandwidthExtension(weights(level)), signal, 160) for level in (-6.0, 0.0))

    ratio_nats = np.log(energy_above(loud, 4500) / energy_above(quiet, 4500))

    assert ratio_nats == pytest.approx(6.0, abs=0.3)


def test_the_high_band_rises_when_the_low_band_does() -> None:
    silent, follows_loudness = weights(level=-30), weights()
    follows_loudness.readout[:] = 0
    follows_loudness.readout[0] = -10
    follows_loudness.readout[1 + FRAMES_BEFORE * len(LOW_EDGES_HZ) + len(LOW_EDGES_HZ) - 1] = 16
    burst = np.zeros(8000, np.float32)
    burst[3648:4353:64] = 0.25

    wide = in_pieces(BandwidthExtension(follows_loudness), burst, 160) - in_pieces(
        BandwidthExtension(silent), burst, 160
    )

    spectrum = np.fft.rfft(wide)
    spectrum[np.fft.rfftfreq(len(wide), 1 / WIDE_HZ) < 4500] = 0
    hiss = np.fft.irfft(spectrum) ** 2
    centre_s = np.average(np.arange(len(hiss)), weights=hiss) / WIDE_HZ
    assert centre_s == pytest.approx(0.5, abs=0.002)


def test_after_a_reset_nothing_of_the_last_utterance_remains() -> None:
    extension = BandwidthExtension(weights())
    first = in_pieces(extension, noise(999), 160)
    extension.reset()

    assert np.array_equal(in_pieces(extension, noise(999), 160), first)


def test_weights_survive_their_file(tmp_path: Path) -> None:
    saved = weights()
    saved.save(tmp_path / "w.npz")

    assert np.array_equal(Weights.load(tmp_path / "w.npz").readout, saved.readout)
