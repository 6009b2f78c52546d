"""A translator in T5's shape (relative positions, gated units, no biases) of random weights: MADLAD-400's, but tiny.

What it says means nothing. It is there because the real loader must take the shape that MADLAD-400 is converted to.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import common_spec, transformer_spec

from tests.models.copying import MADLAD400, Matrix, pieces, saved

_HEADS, _WIDTH, _INNER, _BUCKETS = 2, 16, 32, 32
_random = np.random.default_rng(5)


def build(folder: Path) -> Path:
    """Write the model into `folder`, as the converter of T5 would leave it."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = pieces(folder, MADLAD400)
    spec = transformer_spec.TransformerSpec.from_config(
        (1, 1), _HEADS, activation=common_spec.Activation.GELUTanh, ffn_glu=True, relative_attention_bias=True,
        rms_norm=True,
    )  # fmt: skip
    for stack, embeddings in ((spec.encoder, spec.encoder.embeddings[0]), (spec.decoder, spec.decoder.embeddings)):
        embeddings.weight = _weights(len(vocabulary), _WIDTH)
        stack.scale_embeddings = False
        stack.layer_norm.gamma = np.ones(_WIDTH, np.float32)
        for layer in stack.layer:
            _layer(layer)
    spec.decoder.projection.weight = _weights(len(vocabulary), _WIDTH)
    return saved(spec, folder, vocabulary, begin="<pad>", start=MADLAD400.start)


def _layer(layer: Any) -> None:
    _attention(layer.self_attention, _weights(3 * _WIDTH, _WIDTH), _weights(_WIDTH, _WIDTH))
    layer.self_attention.relative_attention_bias = _weights(_BUCKETS, _HEADS)
    layer.self_attention.relative_attention_max_distance = np.dtype("int32").type(128)
    if hasattr(layer, "attention"):
        inner = (_weights(_WIDTH, _WIDTH), _weights(2 * _WIDTH, _WIDTH), _weights(_WIDTH, _WIDTH))
        _attention(layer.attention, *inner)
    layer.ffn.layer_norm.gamma = np.ones(_WIDTH, np.float32)
    layer.ffn.linear_0.weight = _weights(_INNER, _WIDTH)
    layer.ffn.linear_0_noact.weight = _weights(_INNER, _WIDTH)
    layer.ffn.linear_1.weight = _weights(_WIDTH, _INNER)


def _attention(attention: Any, *weights: Matrix) -> None:
    attention.layer_norm.gamma = np.ones(_WIDTH, np.float32)
    attention.queries_scale = 1.0
    for linear, weight in zip(attention.linear, weights, strict=True):
        linear.weight = weight


def _weights(rows: int, columns: int) -> Matrix:
    return _random.standard_normal((rows, columns)).astype(np.float32)
