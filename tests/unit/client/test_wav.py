"""Any WAV file becomes speech of the stream's format, with its sound where it was."""

from __future__ import annotations

import math
import struct
import sys
import wave
from array import array
from pathlib import Path

import pytest

from kallglot import audio
from kallglot.stream import TELEPHONE, WIDE, SoundFormat
from kallglot.wav import read_speech, speech

TONE_HZ = 440


def tone(
    path: Path, rate_hz: int, width: int = 2, channels: int = 1, seconds: float = 1.3, side: int | None = None
) -> Path:
    """A file with a tone of half the full level; on one side only, if `side` says so."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        for at in range(round(rate_hz * seconds)):
            level = 0.5 * math.sin(2 * math.pi * TONE_HZ * at / rate_hz)
            for channel in range(channels):
                file.writeframesraw(sample(level if side in (None, channel) else 0.0, width))
    return path


def sample(level: float, width: int) -> bytes:
    if width == 1:
        return bytes([128 + round(level * 127)])
    return struct.pack("<i", round(level * (2**31 - 1)))[4 - width :]


def level_of(samples: array[int]) -> float:
    """Of the tone, by correlation with it at 16 kHz: phase does not matter."""
    points = range(len(samples))
    parts = [sum(samples[at] * f(2 * math.pi * TONE_HZ * at / 16000) for at in points) for f in (math.sin, math.cos)]
    return 2 * math.hypot(*parts) / len(samples) / 32768


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_any_rate_and_width_keeps_length_and_level(tmp_path: Path, rate_hz: int, width: int) -> None:
    made = array("h", read_speech(tone(tmp_path / "a.wav", rate_hz, width, seconds=0.7), WIDE))
    assert len(made) == pytest.approx(0.7 * 16000, abs=2)
    assert level_of(made) == pytest.approx(0.5, abs=0.02)


def test_stereo_becomes_one_voice(tmp_path: Path) -> None:
    made = array("h", read_speech(tone(tmp_path / "a.wav", 44100, channels=2, side=0), WIDE))
    assert level_of(made) == pytest.approx(0.25, abs=0.02)


def test_or_stays_two_when_two_are_wanted(tmp_path: Path) -> None:
    stereo = SoundFormat("pcm_16", 16000, 2)
    made = array("h", read_speech(tone(tmp_path / "a.wav", 44100, channels=2, side=1), stereo))
    assert level_of(made[1::2]) == pytest.approx(0.5, abs=0.02)
    assert level_of(made[0::2]) < 0.01


def test_one_voice_does_not_become_two(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one channel"):
        read_speech(tone(tmp_path / "a.wav", 8000), SoundFormat("pcm_16", 16000, 2))


def test_a_file_of_the_streams_own_format_needs_no_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for tool in ("numpy", "soxr"):
        monkeypatch.setitem(sys.modules, tool, None)
    fitting = read_speech(tone(tmp_path / "a.wav", 8000), TELEPHONE)
    assert fitting == audio.encode(audio.read_wav(tmp_path / "a.wav"))
    with pytest.raises(ValueError, match=r"pip install 'kallglot-client\[cli\]'"):
        read_speech(tone(tmp_path / "b.wav", 44100), TELEPHONE)


def test_a_file_comes_in_pieces_whose_sum_is_the_whole(tmp_path: Path) -> None:
    pieces = list(speech(tone(tmp_path / "a.wav", 44100, seconds=2.2), WIDE))
    assert len(pieces) > 4
    assert max(len(piece) for piece in pieces) <= 2 * 16000
    assert sum(len(piece) for piece in pieces) == pytest.approx(2 * 2.2 * 16000, abs=4)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"this is no sound", b"ID3\x04" + bytes(100)])
def test_what_is_no_wav_file_is_said_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(ValueError, match="cannot be read as WAV"):
        read_speech(tmp_path / "a.wav", WIDE)


def test_floating_point_is_not_understood_and_says_so(tmp_path: Path) -> None:
    path = tone(tmp_path / "a.wav", 8000, 4)
    content = bytearray(path.read_bytes())
    content[20:22] = struct.pack("<H", 3)
    path.write_bytes(content)
    with pytest.raises(ValueError, match="unknown format: 3"):
        read_speech(path, WIDE)
