"""A recording comes whole or not at all, however often the way breaks."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kallglot import Conflict, ConnectionFailed, NotFound, RecordingFailed, Retrying, TimedOut, UnexpectedAnswer
from tests.fakes.api import KEY, Clock, drive, refused

SOUND = bytes(range(256)) * 40
LINK = "https://bucket.example/rec_1.wav?signature=secret"


class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Bytes that break off after `cut` of them."""

    def __init__(self, content: bytes, cut: int | None) -> None:
        self._content = content
        self._cut = cut

    def __iter__(self) -> Iterator[bytes]:
        yield self._content[: self._cut]
        if self._cut is not None and self._cut < len(self._content):
            raise httpx.ReadError("broke off")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


class Store:
    """The API and the place where the files lie. `cuts` says after how many bytes each download breaks."""

    def __init__(self, sound: bytes = SOUND, cuts: list[int] | None = None, *, tag: str = '"v1"') -> None:
        self.sound = sound
        self.cuts = cuts or []
        self.tag = tag
        self.asked: list[str | None] = []
        self.links = 0
        self.refusals: list[httpx.Response] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.test":
            self.links += 1
            return httpx.Response(302, headers={"Location": LINK})
        assert "Authorization" not in request.headers, "the key must not leave the API"
        if self.refusals:
            return self.refusals.pop()
        return self.part(request)

    def part(self, request: httpx.Request) -> httpx.Response:
        wanted = request.headers.get("Range")
        self.asked.append(wanted)
        cut = self.cuts.pop(0) if self.cuts else None
        if wanted is None or request.headers.get("If-Range") != self.tag:
            headers = {"Content-Length": str(len(self.sound)), "ETag": self.tag}
            return httpx.Response(200, headers=headers, stream=Body(self.sound, cut))
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if start >= len(self.sound):
            return httpx.Response(416)
        headers = {"Content-Range": f"bytes {start}-{len(self.sound) - 1}/{len(self.sound)}", "ETag": self.tag}
        return httpx.Response(206, headers=headers, stream=Body(self.sound[start:], cut))


def fetch(to: Path, **options: Any) -> Any:
    return lambda client: client.recordings.download("rec_1", to, **options)


async def test_a_recording_becomes_a_file_and_its_coming_is_shown(kind: str, tmp_path: Path) -> None:
    store, shown = Store(), list[Any]()
    driven, api = drive(kind, store)
    to = await driven(fetch(tmp_path / "a.wav", format="mp3", progress=lambda *at: shown.append(at)))
    assert to == tmp_path / "a.wav"
    assert to.read_bytes() == SOUND
    assert list(tmp_path.iterdir()) == [to]
    assert (shown[0], shown[-1]) == ((0, len(SOUND)), (len(SOUND), len(SOUND)))
    assert dict(api.seen[0].url.params) == {"format": "mp3"}
    assert api.seen[0].headers["Authorization"] == f"Bearer {KEY}"


async def test_what_broke_off_goes_on_where_it_stopped(kind: str, tmp_path: Path) -> None:
    store = Store(cuts=[100, 50])
    driven, _ = drive(kind, store)
    await driven(fetch(tmp_path / "a.wav"))
    assert (tmp_path / "a.wav").read_bytes() == SOUND
    assert store.asked == [None, "bytes=100-", "bytes=150-"]


async def test_a_later_call_goes_on_too(kind: str, tmp_path: Path) -> None:
    store = Store(cuts=[100, 0, 0, 0])
    driven, _ = drive(kind, store, retrying=Retrying(max_attempts=2))
    with pytest.raises(ConnectionFailed):
        await driven(fetch(tmp_path / "a.wav"))
    assert not (tmp_path / "a.wav").exists()
    store.cuts = []
    await driven(fetch(tmp_path / "a.wav"))
    assert (tmp_path / "a.wav").read_bytes() == SOUND
    assert store.asked[-1] == "bytes=100-"


async def test_a_recording_that_was_made_again_is_begun_again(kind: str, tmp_path: Path) -> None:
    store = Store(cuts=[100])
    driven, _ = drive(kind, store, retrying=Retrying(max_attempts=1))
    original, remade = store.part, SOUND[::-1]

    def changing(request: httpx.Request) -> httpx.Response:
        answer = original(request)
        store.sound, store.tag = remade, '"v2"'
        return answer

    store.part = changing  # type: ignore[method-assign]
    await driven(fetch(tmp_path / "a.wav"))
    assert (tmp_path / "a.wav").read_bytes() == remade


async def test_without_a_tag_nothing_is_pieced_together(kind: str, tmp_path: Path) -> None:
    store = Store(cuts=[100], tag='W/"weak"')
    driven, _ = drive(kind, store)
    await driven(fetch(tmp_path / "a.wav"))
    assert (tmp_path / "a.wav").read_bytes() == SOUND
    assert store.asked == [None, None]


async def test_an_address_that_has_expired_is_asked_for_again(kind: str, tmp_path: Path) -> None:
    store = Store()
    store.refusals = [httpx.Response(403, text="<Error><Signature>secret</Signature></Error>")]
    driven, _ = drive(kind, store)
    await driven(fetch(tmp_path / "a.wav"))
    assert store.links == 2


async def test_patience_ends_and_no_address_is_told(kind: str, tmp_path: Path) -> None:
    clock = Clock()
    store = Store()
    store.refusals = [httpx.Response(403, text="secret")] * 99
    driven, _ = drive(kind, store, clock=clock)
    with pytest.raises(ConnectionFailed) as raised:
        await driven(fetch(tmp_path / "a.wav"))
    assert store.links == 4
    assert "secret" not in str(raised.value)
    assert len(clock.slept) == 3


async def test_a_part_that_is_longer_than_the_file_is_forgotten(kind: str, tmp_path: Path) -> None:
    (tmp_path / "a.wav.part").write_bytes(b"x" * (len(SOUND) + 1))
    (tmp_path / "a.wav.part.tag").write_text('"v1"')
    driven, _ = drive(kind, Store())
    await driven(fetch(tmp_path / "a.wav"))
    assert (tmp_path / "a.wav").read_bytes() == SOUND


async def test_an_api_that_sends_the_sound_itself_is_understood(kind: str, tmp_path: Path) -> None:
    store = Store(cuts=[100])
    driven, _ = drive(kind, store.part)
    await driven(fetch(tmp_path / "a.wav"))
    assert (tmp_path / "a.wav").read_bytes() == SOUND
    assert store.asked == [None, "bytes=100-"]


async def test_a_wrong_part_is_never_taken(kind: str, tmp_path: Path) -> None:
    (tmp_path / "a.wav.part").write_bytes(SOUND[:100])
    (tmp_path / "a.wav.part.tag").write_text('"v1"')
    wrong = httpx.Response(206, headers={"Content-Range": "bytes 99-9/10"}, content=b"x")
    driven, _ = drive(kind, wrong)
    with pytest.raises(UnexpectedAnswer):
        await driven(fetch(tmp_path / "a.wav"))


async def test_refusals_are_those_of_the_api(kind: str, tmp_path: Path) -> None:
    for refusal, error in ((refused(404), NotFound), (refused(409), Conflict)):
        driven, _ = drive(kind, refusal)
        with pytest.raises(error):
            await driven(fetch(tmp_path / "a.wav"))
    assert list(tmp_path.iterdir()) == []


async def test_an_empty_recording_is_none(kind: str, tmp_path: Path) -> None:
    driven, _ = drive(kind, Store(b""))
    with pytest.raises(RecordingFailed):
        await driven(fetch(tmp_path / "a.wav"))


async def test_the_address_alone_is_to_be_had(kind: str) -> None:
    driven, _ = drive(kind, Store())
    assert await driven(lambda client: client.recordings.audio_url("rec_1")) == LINK


@pytest.mark.parametrize(("status", "error"), [("failed", RecordingFailed), ("processing", TimedOut)])
async def test_waiting_for_a_recording_ends_either_way(kind: str, status: str, error: type[Exception]) -> None:
    driven, _ = drive(kind, httpx.Response(200, json={"id": "rec_1", "status": status}))
    with pytest.raises(error):
        await driven(lambda client: client.recordings.wait_until_ready("rec_1"))


@settings(max_examples=150, deadline=None)
@given(cuts=st.lists(st.integers(0, 3000), max_size=12), kind=st.sampled_from(["blocking", "async"]))
def test_wherever_it_breaks_the_file_is_whole_or_absent(cuts: list[int], kind: str) -> None:
    store = Store(cuts=list(cuts))
    driven, _ = drive(kind, store)
    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder) / "a.wav"
        try:
            asyncio.run(driven(fetch(to)))
        except ConnectionFailed:
            assert not to.exists()
        else:
            assert to.read_bytes() == SOUND
