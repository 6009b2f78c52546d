"""Microphone and loudspeaker, through PortAudio. Loaded only where somebody asks for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from kallglot.cli.problems import UsageProblem

_FRAME_MS = 20
_LONGEST_PLAYED_S = 60


@contextmanager
def microphone(rate_hz: int, heard: Callable[[bytes], None]) -> Iterator[None]:
    """`heard` is called from a thread of PortAudio's, with 16-bit samples of one channel."""
    sounds = _sounddevice()

    def on_sound(data: Any, _frames: int, _time: Any, _status: Any) -> None:
        heard(bytes(data))

    with _open(sounds, sounds.RawInputStream, rate_hz, on_sound, "microphone"):
        yield


class Loudspeaker:
    """What is to be played, in order; what would be played later than a minute from now is left out."""

    def __init__(self, rate_hz: int) -> None:
        self._most_bytes = rate_hz * 2 * _LONGEST_PLAYED_S
        self._waiting = bytearray()
        self._lock = threading.Lock()

    def play(self, pcm: bytes) -> None:
        with self._lock:
            self._waiting += pcm[: self._most_bytes - len(self._waiting)]

    def stop(self) -> None:
        with self._lock:
            self._waiting.clear()

    def fill(self, out: Any) -> None:
        """`out` is PortAudio's buffer: as much of it as there is, and silence behind."""
        with self._lock:
            ready = bytes(self._waiting[: len(out)])
            del self._waiting[: len(out)]
        out[:] = ready + bytes(len(out) - len(ready))


@contextmanager
def loudspeaker(rate_hz: int) -> Iterator[Loudspeaker]:
    sounds = _sounddevice()
    speaker = Loudspeaker(rate_hz)

    def on_need(out: Any, _frames: int, _time: Any, _status: Any) -> None:
        speaker.fill(out)

    with _open(sounds, sounds.RawOutputStream, rate_hz, on_need, "loudspeaker"):
        yield speaker


@contextmanager
def _open(sounds: Any, kind: Any, rate_hz: int, callback: Callable[..., None], name: str) -> Iterator[None]:
    try:
        opened = kind(
            samplerate=rate_hz, channels=1, dtype="int16", blocksize=rate_hz * _FRAME_MS // 1000, callback=callback
        )
    except sounds.PortAudioError as error:
        raise UsageProblem(f"the {name} cannot be opened: {error}") from error
    with opened:
        yield


def _sounddevice() -> Any:
    try:
        import sounddevice  # noqa: PLC0415
    except ImportError:
        needed = "a microphone or loudspeaker needs `pip install 'kallglot-client[microphone]'`"
        raise UsageProblem(f"{needed}; without, give a WAV file, or pipe raw sound into `talk -`") from None
    except OSError as error:
        raise UsageProblem(f"{error}: install PortAudio, as with `apt-get install libportaudio2`") from None
    return sounddevice
