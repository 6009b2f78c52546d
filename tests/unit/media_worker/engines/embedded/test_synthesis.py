import io
import subprocess
import wave

import numpy as np
import pytest

from media_worker.engines.embedded.synthesis import Speaker, SynthesisFailed, SynthesizerMissing, speak


def speaker(*command: str) -> Speaker:
    return Speaker("test", "en", "some-package", command)


def test_a_missing_program_is_reported_with_its_debian_package() -> None:
    with pytest.raises(SynthesizerMissing, match="apt-get install some-package"):
        speak(speaker("no-such-synthesizer"), "hello")


def test_a_program_that_fails_is_reported() -> None:
    with pytest.raises(SynthesisFailed, match="made no speech"):
        speak(speaker("false"), "hello")


def test_speech_is_resampled_and_levelled_whatever_lengths_the_header_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = (1000 * np.sin(np.arange(22050) / 20)).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(22050)
        sound.writeframes(samples.tobytes())
    endless = bytearray(file.getvalue())
    endless[40:44] = b"\xff\xff\xff\x7f"
    made = subprocess.CompletedProcess([], 0, bytes(endless), b"")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: made)

    wide = speak(speaker("synthesizer"), "hello")

    assert abs(len(wide) - 16000) <= 1
    assert np.abs(wide).max() == pytest.approx(0.5)
