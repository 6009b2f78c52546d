"""How much audio the encoder is shown. Pure.

Whisper was trained on half minutes, and its encoder costs what the window costs: on a CPU 10 s are 6 to 8 times
cheaper than 30. A window holds the speech, two seconds of silence, and never less than ten seconds.
"""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16000
FRAMES_PER_S = 100
SHORTEST_S, MARGIN_S, LONGEST_S, STEP_S = 10, 2.0, 30, 5

Signal = NDArray[np.float32]


def window_s(samples: int) -> int:
    """Seconds of window for an utterance; in steps, so that utterances of about one length share a batch."""
    wanted = samples / RATE_HZ + MARGIN_S
    return int(min(LONGEST_S, max(SHORTEST_S, ceil(wanted / STEP_S) * STEP_S)))


def padded(signal: Signal, seconds: int) -> Signal:
    """Exactly `seconds` of audio: silence behind what is shorter, the end cut off what is longer."""
    whole = np.zeros(seconds * RATE_HZ, np.float32)
    whole[: len(signal)] = signal[: len(whole)]
    return whole
