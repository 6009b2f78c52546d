from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_worker.audio.onnx_weights import NotAModel, read_weights
from media_worker.audio.vad import Network, model_path


def varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*made, value))


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def tensor(name: str, dims: tuple[int, ...], raw: bytes, *, kind: int = 1, packed: bool = False) -> bytes:
    shape = field(1, b"".join(map(varint, dims))) if packed else b"".join(field(1, size) for size in dims)
    return shape + field(2, kind) + field(8, name.encode()) + field(9, raw)


def model(*tensors: bytes) -> bytes:
    graph = field(2, b"a graph") + b"".join(field(5, made) for made in tensors)
    return field(1, 9) + field(7, graph) + b"\x6d\x00\x00\x00\x00"


@pytest.mark.parametrize("packed", [False, True])
def test_weights_are_found_by_name_in_their_shape(tmp_path: Path, packed: bool) -> None:
    weights = np.arange(600, dtype="<f4").reshape(3, 200)
    file = tmp_path / "model.onnx"
    file.write_bytes(model(tensor("of a layer", (3, 200), weights.tobytes(), packed=packed)))
    found = read_weights(file)
    assert list(found) == ["of a layer"]
    np.testing.assert_array_equal(found["of a layer"], weights)


def test_what_is_not_made_of_floats_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(model(tensor("axes", (1,), bytes(8), kind=7), tensor("short", (9,), bytes(4))))
    assert read_weights(file) == {}


@given(st.binary(max_size=200))
def test_whatever_the_bytes_are_they_are_weights_or_not_a_model(data: bytes) -> None:
    class File(type(Path())):  # type: ignore[misc]
        def read_bytes(self) -> bytes:
            return data

    try:
        read_weights(File("anything.onnx"))
    except NotAModel:
        return


def test_a_cut_off_file_is_not_a_model(tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    file.write_bytes(model_path().read_bytes()[:100_000])
    with pytest.raises(NotAModel):
        read_weights(file)


def test_a_model_without_the_layers_is_not_this_one() -> None:
    with pytest.raises(NotAModel, match="no such layer"):
        Network({})
