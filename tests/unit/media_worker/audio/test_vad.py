"""The real model: its file comes with a wheel, and ONNX Runtime says what it should say."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from media_worker.audio.turns import WINDOW_SAMPLES
from media_worker.audio.vad import VadBank, model_path

SILENCE = bytes(WINDOW_SAMPLES * 2)


def noise(seed: int, level: int = 3000) -> bytes:
    return np.random.default_rng(seed).integers(-level, level, WINDOW_SAMPLES).astype("<i2").tobytes()


def test_the_model_is_read_without_its_package_and_without_a_runtime() -> None:
    """The worker's image holds neither torch nor ONNX Runtime."""
    script = (
        "import sys; from media_worker.audio.vad import VadBank; VadBank(); "
        "sys.exit(bool({'silero_vad', 'onnxruntime', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_silence_is_not_speech() -> None:
    bank = VadBank()
    row = bank.open()
    assert max(bank.judge([row], [SILENCE])[0] for _ in range(20)) < 0.2


def test_a_batch_judges_as_single_calls_do() -> None:
    together, alone = VadBank(), VadBank()
    rows = [together.open() for _ in range(10)]
    alone_rows = [alone.open() for _ in range(10)]
    for step in range(8):
        windows = [noise(100 * row + step) for row in rows]
        batched = together.judge(rows, windows)
        single = [alone.judge([row], [window])[0] for row, window in zip(alone_rows, windows, strict=True)]
        assert batched == pytest.approx(single, abs=1e-5)


def test_each_window_is_judged_with_the_end_of_the_one_before_it() -> None:
    bank = VadBank()
    row = bank.open()
    model = onnxruntime.InferenceSession(str(model_path()), providers=["CPUExecutionProvider"])
    state: NDArray[Any] = np.zeros((2, 1, 128), np.float32)
    context: NDArray[Any] = np.zeros(32, np.float32)
    for seed in range(6):
        window = noise(seed)
        samples = np.frombuffer(window, "<i2").astype(np.float32) / 32768
        whole = np.concatenate((context, samples))[None, :]
        probability, state = model.run(None, {"input": whole, "state": state, "sr": np.array(8000, np.int64)})
        context = samples[-32:]
        assert bank.judge([row], [window])[0] == pytest.approx(float(probability[0, 0]), abs=1e-6)


def test_a_row_that_is_used_again_has_forgotten_its_first_speaker() -> None:
    bank = VadBank()
    first = bank.open()
    fresh = bank.judge([first], [noise(1)])[0]
    for seed in range(2, 10):
        bank.judge([first], [noise(seed)])
    bank.close(first)
    assert bank.open() == first
    assert bank.judge([first], [noise(1)])[0] == pytest.approx(fresh, abs=1e-6)


def test_there_is_room_for_any_number_of_speakers() -> None:
    bank = VadBank()
    rows = [bank.open() for _ in range(150)]
    assert len(set(rows)) == 150
    assert len(bank.judge(rows, [SILENCE] * 150)) == 150


def test_speech_is_judged_as_the_runtime_judges_it_minute_by_minute() -> None:
    """Two ways to add up the same products: a recurrent network must not drift apart over them."""
    bank = VadBank()
    row = bank.open()
    model = onnxruntime.InferenceSession(str(model_path()), providers=["CPUExecutionProvider"])
    state: NDArray[Any] = np.zeros((2, 1, 128), np.float32)
    context: NDArray[Any] = np.zeros(32, np.float32)
    worst = 0.0
    for number in range(0, 60_000 // 32):
        level = 200 + 4000 * (number // 40 % 2)
        window = noise(number, level)
        samples = np.frombuffer(window, "<i2").astype(np.float32) / 32768
        inputs = {"input": np.concatenate((context, samples))[None, :], "state": state, "sr": np.array(8000, np.int64)}
        probability, state = model.run(None, inputs)
        context = samples[-32:]
        worst = max(worst, abs(bank.judge([row], [window])[0] - float(probability[0, 0])))
    assert worst < 1e-4
