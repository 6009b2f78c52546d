"""A Whisper model made by hand that hears melodies: every word is a pitch, half a second long.

No weights can be fetched in a test, and random ones know no text. Here the weights are worked out instead: the
convolutions find the loudest of the pitches, the encoder's positions say in which half second it sounds, a decoder
position looks at the half second of its own, and the word that sounds there is the next token. So real loading,
features, batching, language detection and alignment run, and what is heard depends on nothing but the audio.

The first half second that sounds also tells the language, and silence is `<|nospeech|>`. Pitches lie in the telephone
band, so 8 kHz and mu-law change nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import whisper_spec
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.tokenizer import _LANGUAGE_CODES
from numpy.typing import NDArray
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

WORD_S = 0.5
WORDS = {
    "en": ("hello", "i", "have", "a", "question", "about", "my", "order", "thank", "you"),
    "es": ("hola", "tengo", "una", "pregunta", "sobre", "mi", "pedido", "muchas", "gracias", "señora"),
}
_MELS = 80
_SLOTS = 60
_POSITIONS = 448
_PROMPT = 4
_FRAMES_PER_SLOT = 25
_FIRST_BAND, _BAND_STEP = 9, 2
_STEADY = 40.0
"""What the layer norms are drowned in, so that they scale every position alike."""

Matrix = NDArray[np.float32]


def _vocabulary() -> list[str]:
    return [word for words in WORDS.values() for word in words]


def _pitch_filters() -> Matrix:
    """Rows that answer 1 to the spectrum of their own word, 0 to every other's, and 0 to one that is flat."""
    features = FeatureExtractor(feature_size=_MELS)
    tones = [np.frombuffer(_tone(pitch_hz(word), 16000), "<i2") / np.float32(32768) for word in _vocabulary()]
    spectra = [features(tone, padding=0)[:, 10:30].mean(axis=1) for tone in tones]
    wanted = np.eye(len(tones) + 1, dtype=np.float32)[:, :-1]
    answers, *_ = np.linalg.lstsq(np.stack([*spectra, np.ones(_MELS)]), wanted, rcond=1e-3)
    return np.asarray(answers.T, np.float32)


def _zeros(*shape: int) -> Matrix:
    return np.zeros(shape, np.float32)


def _one_hot(rows: int, columns: int, row: int, column: int, count: int, weight: float) -> Matrix:
    """`count` ones on a diagonal that starts at (row, column)."""
    matrix = _zeros(rows, columns)
    steps = np.arange(count)
    matrix[row + steps, column + steps] = weight
    return matrix


def pitch_hz(word: str) -> float:
    """Where the word sounds: the middle of its mel band."""
    filters = FeatureExtractor(feature_size=_MELS).mel_filters
    bins = np.fft.rfftfreq(400, 1 / 16000)
    band = filters[_FIRST_BAND + _BAND_STEP * _vocabulary().index(word)]
    return float((band * bins).sum() / band.sum())


def melody(text: str, rate_hz: int) -> bytes:
    """16-bit PCM in which the model hears `text`; words are those of `WORDS`."""
    return b"".join(_tone(pitch_hz(word), rate_hz) for word in text.split())


def _tone(frequency_hz: float, rate_hz: int) -> bytes:
    time_s = np.arange(int(WORD_S * rate_hz)) / rate_hz
    return (9000 * np.sin(2 * np.pi * frequency_hz * time_s)).astype("<i2").tobytes()


@dataclass(frozen=True)
class _Layout:
    """Which of the model's dimensions mean what."""

    words: int = len(_vocabulary())

    @property
    def heard(self) -> int:
        return _SLOTS

    @property
    def told(self) -> int:
        return self.heard + self.words

    @property
    def first(self) -> int:
        """Set at the first position alone, where the language is asked for."""
        return self.told + self.words

    @property
    def steady(self) -> int:
        return self.first + 1

    @property
    def width(self) -> int:
        return -(-(self.steady + 2) // 8) * 8


_AT = _Layout()


def build(folder: Path, says: str | None = None) -> Path:
    """Write the model into `folder`, as the converter would leave it.

    With `says` it hears that text in any sound, for calls that need real speech on the line.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokens = _tokenizer(folder)
    spec = whisper_spec.WhisperSpec(1, 1, 1, 1)
    _encoder(spec.encoder, says)
    _decoder(spec.decoder, tokens)
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = [tokens.index(f"<|{code}|>") for code in _LANGUAGE_CODES[:99]]
    spec.config.alignment_heads = [(0, 0)]
    spec.register_vocabulary(tokens)
    spec.validate()
    spec.optimize(quantization="float32")
    spec.save(str(folder))
    features = {"feature_size": _MELS, "hop_length": 160, "n_fft": 400, "sampling_rate": 16000, "chunk_length": 30}
    (folder / "preprocessor_config.json").write_text(json.dumps(features))
    return folder


def _tokenizer(folder: Path) -> list[str]:
    """Writes tokenizer.json and returns every token in the order of its number."""
    languages = [f"<|{code}|>" for code in _LANGUAGE_CODES[:99]]
    tasks = ["translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
    special = ["<|endoftext|>", "<|startoftranscript|>", *languages, *(f"<|{task}|>" for task in tasks)]
    mark = "".join(token for token, _ in pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(" "))
    encode = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str
    words = [mark + encode(word)[0][0] for word in _vocabulary()]
    # The empty token tells CTranslate2 that the model knows more than one language.
    text = [*sorted(pre_tokenizers.ByteLevel.alphabet()), *words, ""]
    tokenizer = Tokenizer(models.BPE(vocab={token: number for number, token in enumerate(text)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    tokenizer.save(str(folder / "tokenizer.json"))
    return [*text, *special, *(f"<|{number * 0.02:.2f}|>" for number in range(1501))]


def _encoder(encoder: Any, says: str | None) -> None:
    width = _AT.width
    encoder.conv1.weight, encoder.conv1.bias = _zeros(width, _MELS, 3), _zeros(width)
    if says is None:
        encoder.conv1.weight[_AT.heard : _AT.told, :, 1] = 3.0 * _pitch_filters()
    encoder.conv2.weight, encoder.conv2.bias = _zeros(width, width, 3), _zeros(width)
    encoder.conv2.weight[:, :, 1] = _one_hot(width, width, _AT.heard, _AT.heard, _AT.words, 1.0)
    positions = _zeros(1500, width)
    positions[np.arange(1500), np.arange(1500) // _FRAMES_PER_SLOT] = 1.0
    positions[:, _AT.steady], positions[:, _AT.steady + 1] = _STEADY, -_STEADY
    for slot, word in enumerate((says or "").split()):
        frames = slice(slot * _FRAMES_PER_SLOT, (slot + 1) * _FRAMES_PER_SLOT)
        positions[frames, _AT.heard + _vocabulary().index(word)] = 3.0
    encoder.position_encodings.encodings = positions
    _norm(encoder.layer_norm)
    for layer in encoder.layer:
        _idle_attention(layer.self_attention, 2)
        _idle_ffn(layer.ffn)


def _decoder(decoder: Any, tokens: Sequence[str]) -> None:
    width = _AT.width
    decoder.embeddings.weight = _zeros(len(tokens), width)
    decoder.projection.weight = _projection(tokens)
    decoder.scale_embeddings = False
    positions = _zeros(_POSITIONS, width)
    positions[:, _AT.steady], positions[:, _AT.steady + 1] = _STEADY, -_STEADY
    positions[0, :2], positions[0, _AT.first] = 1.0, 1.0
    slots = np.arange(_SLOTS)
    positions[_PROMPT - 1 + slots, slots] = 1.0
    decoder.position_encodings.encodings = positions
    _norm(decoder.layer_norm)
    for layer in decoder.layer:
        _idle_attention(layer.self_attention, 2)
        _looking(layer.attention)
        _idle_ffn(layer.ffn)


def _projection(tokens: Sequence[str]) -> Matrix:
    rows = _zeros(len(tokens), _AT.width)
    start = tokens.index("") - _AT.words
    rows[start : start + _AT.words] = _one_hot(_AT.words, _AT.width, 0, _AT.told, _AT.words, 30.0)
    rows[tokens.index("<|endoftext|>"), _AT.steady] = 1.5
    rows[tokens.index("<|nospeech|>"), _AT.first] = 100.0
    begin = 0
    for language, words in WORDS.items():
        row = tokens.index(f"<|{language}|>")
        rows[row, _AT.first] = 30.0
        rows[row, _AT.told + begin : _AT.told + begin + len(words)] = 27.0
        begin += len(words)
    return rows


def _looking(attention: Any) -> None:
    """The position's slot is the query, the frame's slot the key, and what sounds there the value."""
    width = _AT.width
    query = _one_hot(width, width, 0, 0, _SLOTS, 8000.0)
    key = _one_hot(width, width, 0, 0, _SLOTS, 1.0)
    value = _one_hot(width, width, _AT.heard, _AT.heard, _AT.words, 1.0)
    output = _one_hot(width, width, _AT.told, _AT.heard, _AT.words, 40.0)
    _linear(attention.linear[0], query)
    _linear(attention.linear[1], np.concatenate([key, value]))
    _linear(attention.linear[2], output)
    _norm(attention.layer_norm)


def _linear(linear: Any, weight: Matrix) -> None:
    linear.weight, linear.bias = weight, _zeros(len(weight))


def _norm(norm: Any) -> None:
    norm.gamma, norm.beta = np.ones(_AT.width, np.float32), _zeros(_AT.width)


def _idle_attention(attention: Any, count: int) -> None:
    width = _AT.width
    _linear(attention.linear[0], _zeros(3 * width, width))
    _linear(attention.linear[1], _zeros(width, width))
    _norm(attention.layer_norm)


def _idle_ffn(ffn: Any) -> None:
    width = _AT.width
    _linear(ffn.linear_0, _zeros(width, width))
    _linear(ffn.linear_1, _zeros(width, width))
    _norm(ffn.layer_norm)
