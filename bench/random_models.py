"""Models of real dimensions and random weights, which cost what real ones cost and say what they are told to say.

No weights are fetched. A matrix product takes as long whatever it multiplies; what must be as in life is how long the
decoder goes on, so its positions are given vectors of their own that outweigh everything else, and the row of the next
token is the vector of its position: after `SAID` tokens comes the end.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
from ctranslate2.specs import common_spec, transformer_spec, whisper_spec
from faster_whisper.tokenizer import _LANGUAGE_CODES
from numpy.typing import NDArray
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

SAID = 20
"""Tokens of a phrase of five seconds, or of a sentence: two or three words a second, one or two tokens a word."""
_LOUD = 60.0
_FAINT = 0.02

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Size:
    layers: int
    decoder_layers: int
    heads: int
    width: int
    mels: int = 80


WHISPER = {
    "tiny": Size(4, 4, 6, 384),
    "base": Size(6, 6, 8, 512),
    "small": Size(12, 12, 12, 768),
    "medium": Size(24, 24, 16, 1024),
    "large-v3-turbo": Size(32, 4, 20, 1280, mels=128),
}
M2M100 = Size(12, 12, 16, 1024)
_WHISPER_TOKENS, _M2M100_TOKENS = 51_865, 128_112
SENTENCE = "where is my order I have a question about my order"
_TEXTS = (SENTENCE, "the reference of the other box is 48213", "thank you and goodbye")


class _Weights:
    """Random numbers are dear by the hundred million: one block of them serves all."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(1)
        self._block = self._random.standard_normal(1 << 20, np.float32) * np.float32(_FAINT)

    def matrix(self, *shape: int) -> Matrix:
        return np.resize(self._block, shape)

    def places(self, count: int, width: int) -> Matrix:
        """A vector for each position, as good as at right angles to all others, of length 1."""
        return np.where(self._random.random((count, width)) < 0.5, -1.0, 1.0).astype(np.float32) / np.float32(
            width**0.5
        )


def whisper(folder: Path, size: Size) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    weights, tokens, width = _Weights(), _whisper_tokens(folder), size.width
    spec = whisper_spec.WhisperSpec(size.layers, size.heads, size.decoder_layers, size.heads)
    encoder, decoder = spec.encoder, spec.decoder
    encoder.conv1.weight, encoder.conv1.bias = weights.matrix(width, size.mels, 3), weights.matrix(width)
    encoder.conv2.weight, encoder.conv2.bias = weights.matrix(width, width, 3), weights.matrix(width)
    encoder.position_encodings.encodings = weights.matrix(1500, width)
    _norm(encoder.layer_norm, width)
    for layer in encoder.layer:
        _block(layer, width, weights)
    places = weights.places(448, width)
    decoder.embeddings.weight, decoder.scale_embeddings = weights.matrix(len(tokens), width), False
    decoder.position_encodings.encodings = places * np.float32(_LOUD)
    # The prompt is four tokens long: the first word stands behind the fourth.
    words = [tokens.index(word) for word in _said_words()]
    decoder.projection.weight = _telling(weights, places, len(tokens), 3, [*words, tokens.index("<|endoftext|>")])
    _norm(decoder.layer_norm, width)
    for layer in decoder.layer:
        _block(layer, width, weights)
    spec.config.suppress_ids = spec.config.suppress_ids_begin = []
    spec.config.lang_ids = [tokens.index(f"<|{code}|>") for code in _LANGUAGE_CODES[:99]]
    spec.config.alignment_heads = [(size.decoder_layers - 1, head) for head in range(min(6, size.heads))]
    spec.register_vocabulary(tokens)
    _save(spec, folder)
    features = {"feature_size": size.mels, "hop_length": 160, "n_fft": 400, "sampling_rate": 16000, "chunk_length": 30}
    (folder / "preprocessor_config.json").write_text(json.dumps(features))
    return folder


def translator(folder: Path, size: Size = M2M100) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    weights, tokens, width = _Weights(), _translator_tokens(folder), size.width
    spec = transformer_spec.TransformerSpec.from_config(
        (size.layers, size.decoder_layers), size.heads, pre_norm=True, activation=common_spec.Activation.RELU
    )
    places = weights.places(1024, width)
    for side in (spec.encoder, spec.decoder):
        side.scale_embeddings = False
        side.position_encodings.encodings = places * np.float32(_LOUD)
        _norm(side.layer_norm, width)
        for layer in side.layer:
            _block(layer, width, weights)
    spec.encoder.embeddings[0].weight = weights.matrix(len(tokens), width)
    spec.decoder.embeddings.weight = weights.matrix(len(tokens), width)
    said = [tokens.index(piece) for piece in _pieces_of(SENTENCE, folder)][:SAID]
    said += said[: SAID - len(said)]
    # Start and language come first: the first piece stands behind position 1.
    spec.decoder.projection.weight = _telling(weights, places, len(tokens), 1, [*said, tokens.index("</s>")])
    spec.config.add_source_bos = spec.config.add_source_eos = False
    spec.config.bos_token, spec.config.eos_token, spec.config.unk_token = "<s>", "</s>", "<unk>"
    spec.config.decoder_start_token = "</s>"
    spec.register_source_vocabulary(tokens)
    spec.register_target_vocabulary(tokens)
    _save(spec, folder)
    return folder


def _telling(weights: _Weights, places: Matrix, tokens: int, first: int, said: Sequence[int]) -> Matrix:
    """Rows by which position `first` + n tells the n-th of `said`."""
    rows = weights.matrix(tokens, places.shape[1])
    told: dict[int, Matrix] = {}
    for number, token in enumerate(said):
        told[token] = told.get(token, np.zeros(places.shape[1], np.float32)) + places[first + number]
    for token, row in told.items():
        rows[token] = row * np.float32(places.shape[1] ** 0.5)
    return rows


def _block(layer: Any, width: int, weights: _Weights) -> None:
    parts = [layer.self_attention, *([layer.attention] if hasattr(layer, "attention") else [])]
    for attention in parts:
        shapes = [3 * width, width] if len(attention.linear) == 2 else [width, 2 * width, width]
        for linear, rows in zip(attention.linear, shapes, strict=True):
            linear.weight, linear.bias = weights.matrix(rows, width), weights.matrix(rows)
        _norm(attention.layer_norm, width)
    layer.ffn.linear_0.weight, layer.ffn.linear_0.bias = weights.matrix(4 * width, width), weights.matrix(4 * width)
    layer.ffn.linear_1.weight, layer.ffn.linear_1.bias = weights.matrix(width, 4 * width), weights.matrix(width)
    _norm(layer.ffn.layer_norm, width)


def _norm(norm: Any, width: int) -> None:
    norm.gamma, norm.beta = np.ones(width, np.float32), np.zeros(width, np.float32)


def _save(spec: Any, folder: Path) -> None:
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))


def _said_words() -> list[str]:
    """All unlike each other: a text that repeats itself is not understood."""
    letters = np.random.default_rng(5).integers(ord("a"), ord("z") + 1, (SAID, 6))
    return ["Ġ" + "".join(map(chr, word)) for word in letters]


def _whisper_tokens(folder: Path) -> list[str]:
    """As many as the real one has; the first words are those that are said."""
    languages = [f"<|{code}|>" for code in _LANGUAGE_CODES[:99]]
    tasks = ["translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
    special = ["<|endoftext|>", "<|startoftranscript|>", *languages, *(f"<|{task}|>" for task in tasks)]
    times = [f"<|{number * 0.02:.2f}|>" for number in range(1501)]
    text = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *_said_words()]
    text += [f"Ġother{number}" for number in range(_WHISPER_TOKENS - len(text) - len(special) - len(times) - 1)]
    text.append("")
    tokenizer = Tokenizer(models.BPE(vocab={token: number for number, token in enumerate(text)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    tokenizer.save(str(folder / "tokenizer.json"))
    return [*text, *special, *times]


def _translator_tokens(folder: Path) -> list[str]:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(_TEXTS * 4), model_writer=model, vocab_size=340, hard_vocab_limit=False,
        model_type="bpe", byte_fallback=True, minloglevel=2, unk_id=0, bos_id=1, eos_id=2,
    )  # fmt: skip
    (folder / "sentencepiece.bpe.model").write_bytes(model.getvalue())
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    text = [pieces.id_to_piece(number) for number in range(3, pieces.get_piece_size())]
    marks = ["<s>", "<pad>", "</s>", "<unk>"]
    languages = [f"__{code}__" for code in ("de", "en", "es")]
    others = [f"other{number}" for number in range(_M2M100_TOKENS - len(text) - len(marks) - len(languages))]
    return [*marks, *text, *others, *languages]


def _pieces_of(text: str, folder: Path) -> list[str]:
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(folder / "sentencepiece.bpe.model"))
    return list(pieces.encode(text, out_type=str))
