"""The weights of an ONNX file, by name: as much of its wire format as that takes, so that no runtime is needed for it.

A file is one protobuf message, ModelProto; its field 7 is the graph, whose field 5 are the initializers, each a
TensorProto with dims (1), data type (2), name (8) and raw bytes (9). Sources: onnx.proto; protobuf's encoding guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_GRAPH, _INITIALIZER = 7, 5
_DIMS, _TYPE, _NAME, _RAW = 1, 2, 8, 9
_FLOAT = 1
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5


class NotAModel(ValueError):
    """The file is no ONNX model, or lacks what it was opened for."""


def read_weights(path: Path) -> Mapping[str, NDArray[np.float32]]:
    """Every initializer of 32-bit floats that the main graph holds as raw bytes. Raises NotAModel."""
    found = {}
    try:
        for graph in _fields(memoryview(path.read_bytes()), _GRAPH):
            for tensor in _fields(_message(graph), _INITIALIZER):
                name, weights = _tensor(_message(tensor))
                if weights is not None:
                    found[name] = weights
    except (IndexError, ValueError) as error:
        raise NotAModel(f"{path.name} cannot be read as an ONNX model") from error
    return found


def _tensor(message: memoryview) -> tuple[str, NDArray[np.float32] | None]:
    dims: list[int] = []
    kind, name, raw = 0, "", memoryview(b"")
    for number, value in _all_fields(message):
        if number == _DIMS:
            dims += [value] if isinstance(value, int) else _packed(value)
        elif number == _TYPE and isinstance(value, int):
            kind = value
        elif number == _NAME:
            name = bytes(_message(value)).decode()
        elif number == _RAW:
            raw = _message(value)
    if kind != _FLOAT or len(raw) != 4 * prod(dims) or not raw:
        return name, None
    return name, np.frombuffer(raw, "<f4").reshape(dims)


def _fields(message: memoryview, wanted: int) -> Iterator[int | memoryview]:
    return (value for number, value in _all_fields(message) if number == wanted)


def _all_fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        value, at = _value(message, at, tag & 7)
        yield tag >> 3, value


def _value(message: memoryview, at: int, kind: int) -> tuple[int | memoryview, int]:
    if kind == _VARINT:
        return _varint(message, at)
    if kind == _BYTES:
        size, at = _varint(message, at)
    elif kind in (_FIXED_32, _FIXED_64):
        size = 4 if kind == _FIXED_32 else 8
    else:
        raise ValueError("an unknown kind of field")
    if at + size > len(message):
        raise ValueError("a field ends behind its message")
    return message[at : at + size], at + size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
        if shift > 63:
            raise ValueError("a number without an end")


def _packed(values: memoryview) -> list[int]:
    at, found = 0, []
    while at < len(values):
        value, at = _varint(values, at)
        found.append(value)
    return found


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ValueError("a number where a message was expected")
    return value
