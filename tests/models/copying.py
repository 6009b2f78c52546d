"""Translators made by hand that say what they are told: every token copied to its place.

A decoder position looks at the source position of its own number (behind the language, where only the source has one)
and tells the token that stands there, so a text comes back unchanged through the real tokenizer, batching, target
prefixes and decoding, and one that is mixed up with another, cut or misplaced does not. They come in the tokens and
files of each family of models for many languages.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
from ctranslate2.specs import common_spec, transformer_spec
from numpy.typing import NDArray

from core.domain.languages import LANGUAGES
from media_worker.engines.translation.language_names import FLORES

# M2M-100's, so that the set built of it serves what the real one serves.
_M2M100 = """
af am ar ast az ba be bg bn br bs ca ceb cs cy da de el en es et fa ff fi fr fy ga gd gl gu ha he hi hr ht hu hy id ig
ilo is it ja jv ka kk km kn ko lb lg ln lo lt lv mg mk ml mn mr ms my ne nl no ns oc or pa pl ps pt ro ru sd si sk sl
so sq sr ss su sv sw ta th tl tn tr uk ur uz vi wo xh yi yo zh zu
"""


@dataclass(frozen=True)
class Shape:
    """A family's tokens: of languages, and where a text begins in the source beside where it begins in the answer."""

    pieces: str
    languages: tuple[str, ...]
    start: str
    language_is_a_piece: bool = False
    behind: int = 0


M2M100 = Shape("sentencepiece.bpe.model", tuple(f"__{code}__" for code in _M2M100.split()), "</s>")
NLLB200 = Shape("sentencepiece.bpe.model", (*FLORES.values(), "ace_Arab", "zul_Latn"), "</s>")
# Its tokenizer puts a mark for the beginning of a word before the language.
MADLAD400 = Shape(
    "sentencepiece.model",
    tuple(f"<2{'fil' if code == 'tl' else code}>" for code in LANGUAGES),
    "<unk>",
    language_is_a_piece=True,
    behind=2,
)
_PLACE, _CODE = 64, 128
_WIDTH = _PLACE + _CODE + _CODE + 8
_HEARD, _TOLD, _STEADY_AT = _PLACE, _PLACE + _CODE, _PLACE + 2 * _CODE
_POSITIONS = 1024
_STEADY = 40.0

Matrix = NDArray[np.float32]


def build(folder: Path, shape: Shape = M2M100) -> Path:
    """Write the model into `folder`, as the converter would leave it."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = pieces(folder, shape)
    codes = np.where(np.random.default_rng(7).random((len(vocabulary), _CODE)) < 0.5, -1.0, 1.0).astype(np.float32)
    places = _places()
    spec = transformer_spec.TransformerSpec.from_config(
        (1, 1), 1, pre_norm=True, activation=common_spec.Activation.RELU
    )
    _encoder(spec.encoder, codes, places)
    _decoder(spec.decoder, codes, places[shape.behind :])
    spec.config.add_source_bos = spec.config.add_source_eos = False
    return saved(spec, folder, vocabulary, begin="<s>", start=shape.start)


def saved(spec: Any, folder: Path, vocabulary: list[str], *, begin: str, start: str) -> Path:
    """A model of any shape that has one vocabulary for both sides, as its converter would leave it."""
    spec.config.bos_token, spec.config.eos_token, spec.config.unk_token = begin, "</s>", "<unk>"
    spec.config.decoder_start_token = start
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    spec.optimize(quantization="float32")
    spec.save(str(folder))
    return folder


def pieces(folder: Path, shape: Shape) -> list[str]:
    """Train a small vocabulary that can write any text, byte by byte if it must; its tokens in order."""
    texts = ["where is my order", "I have a question about my order", "the reference of the other box is 48213"]
    model = io.BytesIO()
    inside = list(shape.languages) if shape.language_is_a_piece else []
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts * 4), model_writer=model, vocab_size=320 + len(inside), hard_vocab_limit=False,
        model_type="bpe", byte_fallback=True, split_digits=True, minloglevel=2, unk_id=0, bos_id=1, eos_id=2,
        user_defined_symbols=inside,
    )  # fmt: skip
    (folder / shape.pieces).write_bytes(model.getvalue())
    made = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    text = [made.id_to_piece(number) for number in range(3, made.get_piece_size())]
    return ["<s>", "<pad>", "</s>", "<unk>", *text, *(() if inside else shape.languages)]


def _places() -> Matrix:
    """A vector for each position, like no other's."""
    turns = np.random.default_rng(3).uniform(0.2, 3.0, _PLACE // 2)
    angles = np.arange(_POSITIONS)[:, None] * turns
    places = np.zeros((_POSITIONS, _WIDTH), np.float32)
    places[:, 0:_PLACE:2], places[:, 1:_PLACE:2] = np.cos(angles), np.sin(angles)
    places[:, _STEADY_AT], places[:, _STEADY_AT + 1] = _STEADY, -_STEADY
    return places


def _encoder(encoder: Any, codes: Matrix, places: Matrix) -> None:
    encoder.embeddings[0].weight = _columns(codes, _HEARD)
    encoder.scale_embeddings = False
    encoder.position_encodings.encodings = places
    _norm(encoder.layer_norm)
    for layer in encoder.layer:
        _idle(layer.self_attention, layer.ffn)


def _decoder(decoder: Any, codes: Matrix, places: Matrix) -> None:
    decoder.embeddings.weight = _columns(np.zeros_like(codes), _HEARD)
    decoder.scale_embeddings = False
    decoder.projection.weight = _columns(codes, _TOLD)
    decoder.position_encodings.encodings = places
    _norm(decoder.layer_norm)
    for layer in decoder.layer:
        _idle(layer.self_attention, layer.ffn)
        _linear(layer.attention.linear[0], _diagonal(0, 0, _PLACE, 4000.0))
        key, value = _diagonal(0, 0, _PLACE, 1.0), _diagonal(_HEARD, _HEARD, _CODE, 1.0)
        _linear(layer.attention.linear[1], np.concatenate([key, value]))
        _linear(layer.attention.linear[2], _diagonal(_TOLD, _HEARD, _CODE, 20.0))
        _norm(layer.attention.layer_norm)


def _columns(codes: Matrix, at: int) -> Matrix:
    weight = np.zeros((len(codes), _WIDTH), np.float32)
    weight[:, at : at + _CODE] = codes
    return weight


def _diagonal(row: int, column: int, count: int, weight: float) -> Matrix:
    matrix = np.zeros((_WIDTH, _WIDTH), np.float32)
    matrix[row + np.arange(count), column + np.arange(count)] = weight
    return matrix


def _idle(attention: Any, ffn: Any) -> None:
    nothing: Sequence[Matrix] = (np.zeros((3 * _WIDTH, _WIDTH), np.float32), _diagonal(0, 0, 0, 0.0))
    for linear, weight in zip(attention.linear, nothing, strict=True):
        _linear(linear, weight)
    _linear(ffn.linear_0, nothing[1])
    _linear(ffn.linear_1, nothing[1])
    _norm(attention.layer_norm)
    _norm(ffn.layer_norm)


def _linear(linear: Any, weight: Matrix) -> None:
    linear.weight, linear.bias = weight, np.zeros(len(weight), np.float32)


def _norm(norm: Any) -> None:
    norm.gamma, norm.beta = np.ones(_WIDTH, np.float32), np.zeros(_WIDTH, np.float32)
