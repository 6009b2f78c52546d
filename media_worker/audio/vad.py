"""Voice activity by Silero at 8 kHz: one pass of large matrix products for all speakers of the process.

The network is small (0.36 million multiplications a window), and its convolutions see four frames at most: run layer by
layer and speaker by speaker, as a runtime does, most of the time goes into their edges. Here a layer is one product for
everybody, which takes half the time and no thread, and tests hold it to what ONNX Runtime makes of the same file.

The file is the one inside the `silero-vad` wheel; its Python side (which wants torch) is never imported. Of a window:
32 samples of the one before it + 256, 32 mirrored; a short-time spectrum of four frames; four convolutions; an LSTM.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from media_worker.audio.onnx_weights import NotAModel, read_weights
from media_worker.audio.turns import WINDOW_SAMPLES

BATCH = 64
_CONTEXT = 32
_STATE = 128
_GROW = 64
_SPECTRUM, _HOP, _FRAMES, _BINS = 128, 64, 4, 65
_NETWORK = "model_8k."
Floats = NDArray[np.float32]


def model_path() -> Path:
    return Path(str(distribution("silero-vad").locate_file("silero_vad/data/silero_vad_op18_ifless.onnx")))


class Network:
    """The layers as matrices, inputs in rows. Frames are the first axis: a frame of everybody is one block."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        """Raises NotAModel when a layer is missing."""
        try:
            of = {name.removeprefix(_NETWORK): w for name, w in weights.items() if name.startswith(_NETWORK)}
            self._spectrum = np.ascontiguousarray(of["stft.forward_basis_buffer"][:, 0].T)
            first, second, third, fourth = (of[f"encoder.{layer}.reparam_conv.weight"] for layer in range(4))
            self._biases = [of[f"encoder.{layer}.reparam_conv.bias"] for layer in range(4)]
            # Where a layer sees one or two frames, the taps that would lie outside are left out.
            self._convolutions = [_taps(first, 0, 3), _taps(second, 0, 3), _taps(third, 1, 3), _taps(fourth, 1, 2)]
            self._memory = np.ascontiguousarray(
                np.concatenate((of["decoder.rnn.weight_ih"], of["decoder.rnn.weight_hh"]), axis=1).T
            )
            self._memory_bias = of["decoder.rnn.bias_ih"] + of["decoder.rnn.bias_hh"]
            self._out = np.ascontiguousarray(of["decoder.decoder.2.weight"][0, :, 0])
            self._out_bias = float(of["decoder.decoder.2.bias"][0])
        except KeyError as error:
            raise NotAModel(f"no such layer: {error}") from error

    def run(self, samples: Floats, hidden: Floats, cell: Floats) -> tuple[Floats, Floats, Floats]:
        """(n, 288) samples in ±1 and both halves of the state (n, 128) → probabilities (n,) and the next state."""
        hidden, cell = self._remember(self._encoded(self._magnitudes(samples)), hidden, cell)
        return _sigmoid(np.maximum(hidden, 0.0) @ self._out + self._out_bias), hidden, cell

    def _magnitudes(self, samples: Floats) -> Floats:
        """(n, 288) → (4, n, 65)."""
        mirrored = samples[:, -2 : -2 - _CONTEXT : -1]
        whole = np.concatenate((samples, mirrored), axis=1)
        frames = np.stack([whole[:, at * _HOP : at * _HOP + _SPECTRUM] for at in range(_FRAMES)])
        both = np.square(frames @ self._spectrum)
        magnitudes: Floats = np.sqrt(both[:, :, :_BINS] + both[:, :, _BINS:])
        return magnitudes

    def _encoded(self, frames: Floats) -> Floats:
        """(4, n, 65) → (n, 128): four frames, then two, then one."""
        silent = np.zeros((1, *frames.shape[1:]), np.float32)
        padded = np.concatenate((silent, frames, silent))
        hidden = self._layer(0, np.concatenate((padded[:-2], padded[1:-1], padded[2:]), axis=2))
        before = np.concatenate((np.zeros((1, *hidden.shape[1:]), np.float32), hidden[1:2]))
        hidden = self._layer(1, np.concatenate((before, hidden[0::2], hidden[1::2]), axis=2))
        hidden = self._layer(2, np.concatenate((hidden[0], hidden[1]), axis=1))
        return self._layer(3, hidden)

    def _layer(self, layer: int, inputs: Floats) -> Floats:
        made: Floats = inputs @ self._convolutions[layer]
        made += self._biases[layer]
        np.maximum(made, 0.0, out=made)
        return made

    def _remember(self, inputs: Floats, hidden: Floats, cell: Floats) -> tuple[Floats, Floats]:
        """One step of the LSTM; its gates lie side by side: in, forget, cell, out."""
        gates = np.concatenate((inputs, hidden), axis=1) @ self._memory
        gates += self._memory_bias
        enter, forget, leave = (_sigmoid(gates[:, at * _STATE : (at + 1) * _STATE]) for at in (0, 1, 3))
        cell = forget * cell + enter * np.tanh(gates[:, 2 * _STATE : 3 * _STATE])
        return leave * np.tanh(cell), cell


class VadBank:
    """The state of every speaker, in rows of arrays. Belongs to the event loop, `judge` too."""

    def __init__(self, path: Path | None = None) -> None:
        # Products this small gain nothing from a second thread, and would take its core from another worker.
        threadpool_limits(1, "blas")
        self._network = Network(read_weights(path or model_path()))
        self._hidden = np.zeros((0, _STATE), np.float32)
        self._cell = np.zeros((0, _STATE), np.float32)
        self._context = np.zeros((0, _CONTEXT), np.float32)
        self._free: list[int] = []
        self._size = 0

    def open(self) -> int:
        """A row for a new speaker."""
        if not self._free:
            self._grow()
        row = self._free.pop()
        for state in (self._hidden, self._cell, self._context):
            state[row] = 0.0
        return row

    def close(self, row: int) -> None:
        self._free.append(row)

    def judge(self, rows: Sequence[int], windows: Sequence[bytes]) -> list[float]:
        """Speech probability of the next window (512 bytes of PCM) of each row; a row appears once."""
        index = np.asarray(rows)
        samples = np.frombuffer(b"".join(windows), "<i2").reshape(len(rows), WINDOW_SAMPLES)
        scaled = samples.astype(np.float32) * np.float32(1 / 32768)
        whole = np.concatenate((self._context[index], scaled), axis=1)
        probabilities, hidden, cell = self._network.run(whole, self._hidden[index], self._cell[index])
        self._hidden[index], self._cell[index] = hidden, cell
        self._context[index] = scaled[:, -_CONTEXT:]
        judged: list[float] = probabilities.tolist()
        return judged

    def _grow(self) -> None:
        self._free = list(range(self._size, self._size + _GROW))
        self._size += _GROW
        self._hidden, self._cell, self._context = (
            np.concatenate((state, np.zeros((_GROW, state.shape[1]), np.float32)))
            for state in (self._hidden, self._cell, self._context)
        )


def _taps(convolution: Floats, first: int, end: int) -> Floats:
    """(out, in, 3) → the matrix of some of its taps, oldest first: ((end - first) * in, out)."""
    return np.ascontiguousarray(np.concatenate([convolution[:, :, tap].T for tap in range(first, end)]))


def _sigmoid(values: Floats) -> Floats:
    made: Floats = np.tanh(values * np.float32(0.5))
    made *= np.float32(0.5)
    made += np.float32(0.5)
    return made
