"""A Kokoro-shaped voice made by hand: each phoneme is a buzz of 50 ms, as loud as speech."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

VOICES = ("af_heart", "am_adam", "ef_dora", "ff_siwis", "hf_alpha", "if_sara", "pf_dora")
_SAMPLES = 1200
_PHONEMES = 178


def build(folder: Path) -> Path:
    """Write kokoro.onnx and voices.bin into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(_model(), str(folder / "kokoro.onnx"))
    styles = {name: np.full((510, 1, 256), 0.1, np.float32) for name in VOICES}
    with (folder / "voices.bin").open("wb") as file:
        np.savez(file, allow_pickle=False, **styles)
    return folder


def _model() -> onnx.ModelProto:
    time_s = np.arange(_SAMPLES) / 24000
    pitches_hz = 140.0 + np.arange(_PHONEMES)
    sounds = (0.3 * np.sin(2 * np.pi * pitches_hz[:, None] * time_s)).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["sounds", "tokens"], ["said"], axis=0),
        helper.make_node("ReduceMean", ["style"], ["mood"], keepdims=0),
        helper.make_node("Mul", ["mood", "zero"], ["nothing"]),
        helper.make_node("Add", ["said", "nothing"], ["styled"]),
        helper.make_node("Div", ["styled", "speed"], ["paced"]),
        helper.make_node("Reshape", ["paced", "flat"], ["audio"]),
    ]
    constants = [
        numpy_helper.from_array(sounds, "sounds"),
        numpy_helper.from_array(np.array(0, np.float32), "zero"),
        numpy_helper.from_array(np.array([-1], np.int64), "flat"),
    ]
    inputs = [
        helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "n"]),
        helper.make_tensor_value_info("style", TensorProto.FLOAT, [1, 256]),
        helper.make_tensor_value_info("speed", TensorProto.FLOAT, [1]),
    ]
    outputs = [helper.make_tensor_value_info("audio", TensorProto.FLOAT, None)]
    graph = helper.make_graph(nodes, "buzzing", inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
