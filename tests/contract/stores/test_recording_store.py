"""RecordingStore."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.adapters.s3 import PART_BYTES, S3Recordings
from core.domain.recordings import Format
from core.errors import NotFound
from tests.contract.stores.kinds import Stores, real


def test_a_chunk_is_read_as_it_was_put(stores: Stores) -> None:
    stores.recordings.put_chunk("a/chunks/000001.pcm", b"\x01\x02")

    assert stores.recordings.read_chunk("a/chunks/000001.pcm") == b"\x01\x02"


def test_a_chunk_that_was_never_stored_is_not_found(stores: Stores) -> None:
    with pytest.raises(NotFound):
        stores.recordings.read_chunk("a/chunks/000002.pcm")


@pytest.mark.parametrize("length", [0, 1, PART_BYTES, 2 * PART_BYTES + 17])
def test_a_file_of_any_length_is_stored_whole(stores: Stores, length: int) -> None:
    pattern = bytes(range(256)) * (length // 256 + 1)
    with stores.recordings.create_file("a/recording.wav", Format.WAV) as file:
        for start in range(0, length, 100_000):
            file.write(pattern[start : min(start + 100_000, length)])

    assert file.size == length
    assert stores.recordings.read_chunk("a/recording.wav") == pattern[:length]


def test_a_file_whose_parts_fail_leaves_nothing(stores: Stores) -> None:
    with pytest.raises(RuntimeError), stores.recordings.create_file("a/recording.wav", Format.WAV) as file:
        file.write(bytes(2 * PART_BYTES))
        raise RuntimeError("the chunk store went away")

    with pytest.raises(NotFound):
        stores.recordings.read_chunk("a/recording.wav")
    if isinstance(stores.recordings, S3Recordings):
        assert "Uploads" not in stores.recordings.client.list_multipart_uploads(Bucket=stores.recordings.bucket)


def test_what_begins_with_a_prefix_is_removed_and_nothing_else(stores: Stores) -> None:
    for number in range(1001):
        stores.recordings.put_chunk(f"a/1/{number:06d}", b"x")
    stores.recordings.put_chunk("a/10/000000", b"y")

    stores.recordings.remove("a/1/")
    stores.recordings.remove("a/2/")

    assert stores.recordings.read_chunk("a/10/000000") == b"y"
    for number in (0, 999, 1000):
        with pytest.raises(NotFound):
            stores.recordings.read_chunk(f"a/1/{number:06d}")


def test_a_link_names_the_object_and_its_end(stores: Stores) -> None:
    link = stores.recordings.link("a/000001.mp3", "rec_1.mp3", timedelta(minutes=5))

    assert "a/000001.mp3" in link
    assert "rec_1.mp3" in link
    assert "300" in link


@pytest.mark.parametrize(("form", "kind"), [(Format.WAV, "audio/wav"), (Format.MP3, "audio/mpeg")])
@pytest.mark.parametrize("length", [1, PART_BYTES + 1])
def test_a_file_says_what_it_is(aws: None, form: Format, kind: str, length: int) -> None:
    stores = real()
    assert isinstance(stores.recordings, S3Recordings)
    with stores.recordings.create_file("a/file", form) as file:
        file.write(bytes(length))

    found = stores.recordings.client.head_object(Bucket=stores.recordings.bucket, Key="a/file")

    assert found["ContentType"] == kind
    assert "X-Amz-Signature" in stores.recordings.link("a/file", "file", timedelta(minutes=5))
