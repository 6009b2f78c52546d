"""A Piper-shaped voice made by hand: each phoneme is a chant of 35 ms, its pitch by its number."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RATE_HZ = 22050
_SAMPLES = 768
_LETTERS = (*range(0x20, 0x7F), 0xE6, 0xE7, 0xF0, 0xF8, 0x127, 0x14B, 0x153, *range(0x250, 0x2B0), 0x3B8, 0x3C7)
_SIGNS = (0x2B0, 0x2B2, 0x2C8, 0x2CC, 0x2D0, 0x303, 0x329, 0x32A)
_PHONEMES = {chr(sign): [at] for at, sign in enumerate((*_LETTERS, *_SIGNS), 3)} | {"_": [0], "^": [1], "$": [2]}
_SYMBOLS = 3 + len(_LETTERS) + len(_SIGNS)


def build(folder: Path, name: str = "de_DE-thorsten-medium", pitch_hz: float = 140.0) -> Path:
    """Write the voice `name` and its description into `folder`; returns the model's path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.onnx"
    onnx.save(_model(pitch_hz), str(path))
    code = name.partition("-")[0]
    path.with_name(f"{path.name}.json").write_text(json.dumps(_description(code)), "utf-8")
    return path


def _description(code: str) -> dict[str, object]:
    family, _, region = code.partition("_")
    return {
        "audio": {"sample_rate": RATE_HZ, "quality": "medium"},
        "espeak": {"voice": family},
        "language": {"code": code, "family": family, "region": region},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "num_symbols": _SYMBOLS,
        "num_speakers": 1,
        "speaker_id_map": {},
        "phoneme_id_map": _PHONEMES,
    }


def _model(pitch_hz: float) -> onnx.ModelProto:
    """Real voices take scales and lengths too; here they change nothing, but must come."""
    time_s = np.arange(_SAMPLES) / RATE_HZ
    pitches_hz = pitch_hz + 2 * np.arange(_SYMBOLS)
    sounds = (0.3 * np.sin(2 * np.pi * pitches_hz[:, None] * time_s)).astype(np.float32)
    sounds[0] = 0.0  # what separates phonemes
    nodes = [
        helper.make_node("Gather", ["sounds", "input"], ["said"], axis=0),
        helper.make_node("ReduceMax", ["scales"], ["scale"], keepdims=0),
        helper.make_node("ReduceMax", ["input_lengths"], ["whole"], keepdims=0),
        helper.make_node("Cast", ["whole"], ["length"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["length", "scale"], ["both"]),
        helper.make_node("Mul", ["both", "zero"], ["nothing"]),
        helper.make_node("Add", ["said", "nothing"], ["sung"]),
        helper.make_node("Reshape", ["sung", "shape"], ["output"]),
    ]
    constants = [
        numpy_helper.from_array(sounds, "sounds"),
        numpy_helper.from_array(np.array(0, np.float32), "zero"),
        numpy_helper.from_array(np.array([1, 1, 1, -1], np.int64), "shape"),
    ]
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, [1, "phonemes"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    outputs = [helper.make_tensor_value_info("output", TensorProto.FLOAT, None)]
    graph = helper.make_graph(nodes, "chanting", inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
