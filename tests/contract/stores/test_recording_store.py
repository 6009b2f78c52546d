"""RecordingStore."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.adapters.s3 import PART_BYTES, S3Recordings
from core.errors import NotFound
from tests.contract.stores.kinds import Stores


def test_a_chunk_is_read_as_it_was_put(stores: Stores) -> None:
    stores.recordings.put_chunk("a/chunks/000001.pcm", b"\x01\x02")

    assert stores.recordings.read_chunk("a/chunks/000001.pcm") == b"\x01\x02"


def test_a_chunk_that_was_never_stored_is_not_found(stores: Stores) -> None:
    with pytest.raises(NotFound):
        stores.recordings.read_chunk("a/chunks/000002.pcm")


@pytest.mark.parametrize("length", [0, 1, PART_BYTES, 2 * PART_BYTES + 17])
def test_a_file_of_any_length_is_stored_whole(stores: Stores, length: int) -> None:
    pattern = bytes(range(256)) * (length // 256 + 1)
    parts = (pattern[start : min(start + 100_000, length)] for start in range(0, length, 100_000))

    stored = stores.recordings.put_file("a/recording.wav", parts)

    assert stored == length
    assert stores.recordings.read_chunk("a/recording.wav") == pattern[:length]


def test_a_file_whose_parts_fail_leaves_nothing(stores: Stores) -> None:
    def failing() -> Iterator[bytes]:
        yield bytes(2 * PART_BYTES)
        raise RuntimeError("the chunk store went away")

    with pytest.raises(RuntimeError):
        stores.recordings.put_file("a/recording.wav", failing())

    with pytest.raises(NotFound):
        stores.recordings.read_chunk("a/recording.wav")
    if isinstance(stores.recordings, S3Recordings):
        assert "Uploads" not in stores.recordings.client.list_multipart_uploads(Bucket=stores.recordings.bucket)


def test_the_location_names_the_key(stores: Stores) -> None:
    assert stores.recordings.location("a/recording.wav").endswith("/a/recording.wav")
