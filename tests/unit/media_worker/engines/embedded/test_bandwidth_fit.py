import numpy as np

from media_worker.engines.embedded import telephone
from media_worker.engines.embedded.bandwidth import WIDE_HZ, BandwidthExtension, Signal
from media_worker.engines.embedded.bandwidth_fit import gather, solve


def hissing(seed: int) -> Signal:
    """A second of noise in syllables; where its low band is bright, it hisses above 4 kHz too."""
    rng = np.random.default_rng(seed)
    frequency = np.fft.rfftfreq(WIDE_HZ // 10, 1 / WIDE_HZ)
    syllables = []
    for index in range(10):
        bright = index % 2
        gain = np.where(frequency < 1500, 1.0, 1.0 if bright else 0.03)
        spectrum = np.fft.rfft(rng.standard_normal(WIDE_HZ // 10)) * gain
        syllables.append(np.fft.irfft(spectrum, WIDE_HZ // 10) * 0.1)
    return np.concatenate(syllables).astype(np.float32)


def hiss(wide: Signal) -> Signal:
    """Energy above 4.5 kHz of each tenth of a second."""
    power = np.abs(np.fft.rfft(wide[:WIDE_HZ].reshape(10, -1), axis=1)) ** 2
    return np.asarray(power[:, np.fft.rfftfreq(WIDE_HZ // 10, 1 / WIDE_HZ) > 4500].sum(axis=1), np.float32)


def test_what_the_line_took_away_is_put_back_where_it_was() -> None:
    extension = BandwidthExtension(solve([gather(hissing(seed) for seed in range(3))]))
    heard = telephone.carry(hissing(9))

    restored = hiss(np.concatenate([extension.feed(heard), extension.flush()]))

    truth = hiss(hissing(9))
    assert np.abs(np.log(restored[1::2] / truth[1::2])).max() < 0.5
    assert restored[1::2].min() > 10 * restored[0::2].max()


def test_speakers_add_up_in_any_order() -> None:
    one, other = gather([hissing(1)]), gather([hissing(2)])

    assert np.allclose(solve([one, other]).readout, solve([other, one]).readout, atol=1e-4)
    assert np.allclose((one + other).gram, gather([hissing(1)]).gram + other.gram)
