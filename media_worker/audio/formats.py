"""The audio formats of the JSON stream. Inside the worker audio is 16-bit little-endian PCM, channels interleaved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from media_worker.audio import g711

SAMPLE_BYTES = 2
RATES_HZ = (8000, 16000, 24000, 48000)


class Encoding(StrEnum):
    MULAW = "mulaw"
    ALAW = "alaw"
    PCM_16 = "pcm_16"


@dataclass(frozen=True, slots=True)
class AudioFormat:
    encoding: Encoding
    rate_hz: int

    @property
    def encoded_sample_bytes(self) -> int:
        return SAMPLE_BYTES if self.encoding is Encoding.PCM_16 else 1


# Every format there is, by what a client calls it: the look-up is the validation.
FORMATS: Mapping[tuple[str, int], AudioFormat] = MappingProxyType(
    {(encoding.value, rate_hz): AudioFormat(encoding, rate_hz) for encoding in Encoding for rate_hz in RATES_HZ}
)
TELEPHONE = FORMATS["mulaw", 8000]


def _as_it_is(data: bytes) -> bytes:
    return data


DECODE: Mapping[Encoding, Callable[[bytes], bytes]] = MappingProxyType(
    {Encoding.MULAW: g711.mulaw_to_pcm, Encoding.ALAW: g711.alaw_to_pcm, Encoding.PCM_16: _as_it_is}
)
ENCODE: Mapping[Encoding, Callable[[bytes], bytes]] = MappingProxyType(
    {Encoding.MULAW: g711.pcm_to_mulaw, Encoding.ALAW: g711.pcm_to_alaw, Encoding.PCM_16: _as_it_is}
)
