"""People to talk with on this machine: Debian's synthesizers, as they sound through a telephone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import numpy as np
import soxr

from media_worker.audio import g711
from media_worker.engines.embedded.bandwidth import WIDE_HZ
from media_worker.engines.embedded.synthesis import Speaker, espeak, flite, speak

RATE_HZ = 8000

CUSTOMER = flite("awb")
AGENT = espeak("es-419+f2")
BY_LANGUAGE: Mapping[str, Speaker] = {"en": CUSTOMER, "es": AGENT}


def telephone(speaker: Speaker, text: str) -> bytes:
    """Speech as mu-law at 8 kHz. Raises SynthesizerMissing where the Debian package is not installed."""
    narrow = soxr.resample(speak(speaker, text), WIDE_HZ, RATE_HZ)
    return g711.pcm_to_mulaw((np.clip(narrow, -1, 1) * 32767).astype("<i2").tobytes())


async def spoken(speaker: Speaker, text: str) -> bytes:
    return await asyncio.to_thread(telephone, speaker, text)
