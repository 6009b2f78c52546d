"""How loud a voice is, at the scale of 16-bit samples. Pure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_TARGET_RMS = 3000.0
_PEAK = 29_000.0
_AUDIBLE = 200.0


def levelled(samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Every voice and clause equally loud, and none clipped."""
    audible = samples[np.abs(samples) > _AUDIBLE]
    if not audible.size:
        return samples
    rms = float(np.sqrt(np.mean(audible**2)))
    peak = float(np.max(np.abs(samples)))
    return samples * np.float32(min(_TARGET_RMS / rms, _PEAK / peak))
