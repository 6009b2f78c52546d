"""WAV files as a stream takes them: any rate, width and number of channels in, `SoundFormat` out, piece by piece.

A file that has the stream's own rate and sixteen bits needs nothing; others need soxr (`kallglot-client[cli]`).
"""

from __future__ import annotations

import wave
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kallglot import audio
from kallglot.stream.sound import SoundFormat

_PIECE_S = 0.5


def speech(path: Path, format: SoundFormat) -> Iterator[bytes]:
    """The file in half seconds. Of a stereo file one channel is made, unless the format has two.

    Raises ValueError for what is no WAV file of whole numbers, or has fewer channels than are wanted.
    """
    try:
        with wave.open(str(path), "rb") as file:
            yield from _encoded(_resampled(file, format), format)
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{path} cannot be read as WAV: {error or 'it ends too early'}") from error


def read_speech(path: Path, format: SoundFormat) -> bytes:
    """All of it at once."""
    return b"".join(speech(path, format))


def _encoded(pieces: Iterator[bytes], format: SoundFormat) -> Iterator[bytes]:
    """From 16-bit little-endian samples."""
    if format.encoding == "alaw":
        raise ValueError("files are sent as mulaw or pcm_16")
    for piece in pieces:
        yield piece if format.encoding == "pcm_16" else audio.encode(audio.native(array("h", piece)))


def _resampled(file: wave.Wave_read, format: SoundFormat) -> Iterator[bytes]:
    channels, width, rate_hz = file.getnchannels(), file.getsampwidth(), file.getframerate()
    if channels < format.channels:
        raise ValueError("the file has one channel: the customer's on the left and the agent's on the right are wanted")
    if (width, rate_hz, channels) == (2, format.rate_hz, format.channels):
        yield from _pieces(file)
    else:
        yield from _converted(file, width, rate_hz, format)


def _pieces(file: wave.Wave_read) -> Iterator[bytes]:
    while piece := file.readframes(round(file.getframerate() * _PIECE_S)):
        yield piece


def _converted(file: wave.Wave_read, width: int, rate_hz: int, format: SoundFormat) -> Iterator[bytes]:
    np, soxr = _tools()
    resampler = soxr.ResampleStream(rate_hz, format.rate_hz, format.channels, dtype="float32")
    for piece in _pieces(file):
        shaped = _floats(np, piece, width).reshape(-1, file.getnchannels())
        wanted = shaped.mean(axis=1) if format.channels == 1 else shaped[:, : format.channels]
        yield _sixteen_bits(np, resampler.resample_chunk(np.ascontiguousarray(wanted, dtype=np.float32)))
    yield _sixteen_bits(np, resampler.resample_chunk(np.zeros((0, format.channels), np.float32).squeeze(), last=True))


def _floats(np: Any, piece: bytes, width: int) -> Any:
    """Samples from -1 to 1. One byte is unsigned in WAV, three have no type of their own."""
    if width == 1:
        return (np.frombuffer(piece, np.uint8).astype(np.float32) - 128) / 128
    if width == 3:
        raw = np.frombuffer(piece, np.uint8).reshape(-1, 3)
        wide = np.zeros((len(raw), 4), np.uint8)
        wide[:, 1:] = raw
        return wide.view("<i4").reshape(-1).astype(np.float32) / 2**31
    kinds = {2: ("<i2", 2.0**15), 4: ("<i4", 2.0**31)}
    if width not in kinds:
        raise ValueError(f"samples of {width} bytes are not understood")
    kind, most = kinds[width]
    return np.frombuffer(piece, kind).astype(np.float32) / most


def _sixteen_bits(np: Any, floats: Any) -> bytes:
    made: bytes = (np.clip(floats, -1, 1) * 32767).astype("<i2").tobytes()
    return made


def _tools() -> tuple[Any, Any]:
    try:
        import numpy  # noqa: PLC0415
        import soxr  # noqa: PLC0415
    except ImportError:
        needed = "a file of another rate or width needs `pip install 'kallglot-client[cli]'`"
        raise ValueError(f"{needed}; or give 16-bit WAV at 8, 16, 24 or 48 kHz") from None
    return numpy, soxr
