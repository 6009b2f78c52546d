"""A recording into a file: in one piece, however often the connection breaks, and whenever it is gone on with.

Bytes go to `name.part`; `name.part.tag` says of which file they are (its ETag), because a recording is made again when
more of it turns up. The last step gives the file its name, so what has that name is whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import urljoin

from kallglot.errors import ConnectionFailed, RecordingFailed, UnexpectedAnswer, failure
from kallglot.exchange.exchanging import Terms, answered
from kallglot.exchange.requests import Request
from kallglot.exchange.steps import Answer, Call, Fault, Plan, ask, pause

Progress = Callable[[int, int | None], None]
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_NOT_SATISFIABLE = 416


class PartFile:
    """What there is of a file so far; `received` and `total` are bytes, `total` None while nobody has said it."""

    def __init__(self, to: Path, progress: Progress | None) -> None:
        self._to = to
        self._part = to.with_name(f"{to.name}.part")
        self._tag_file = to.with_name(f"{to.name}.part.tag")
        self._progress = progress or (lambda _received, _total: None)
        self._file: IO[bytes] | None = None
        self._tag = self._tag_file.read_text() if self._tag_file.exists() else ""
        self.received = self._part.stat().st_size if self._tag and self._part.exists() else 0
        self.total: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    @property
    def is_whole(self) -> bool:
        return self.total is not None and self.received == self.total

    def wanted(self) -> Mapping[str, str]:
        """Whatever is missing, if the file is still the same; else all of it. Never packed: its bytes are counted."""
        plain = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if not self.received or not self._tag:
            return plain
        return {**plain, "Range": f"bytes={self.received}-", "If-Range": self._tag}

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        self._close()
        if status == 206:
            self._go_on(headers)
        else:
            self._start_over(headers)
        self._progress(self.received, self.total)

    def write(self, piece: bytes) -> None:
        if self._file is None:
            raise RuntimeError("a body begins before it is written")
        self._file.write(piece)
        self.received += len(piece)
        self._progress(self.received, self.total)

    def ended(self) -> None:
        """The body was read to its end, and no length was announced: this is all of it."""
        self.total = self.received if self.total is None else self.total

    def forget(self) -> None:
        self._close()
        self._part.unlink(missing_ok=True)
        self._tag_file.unlink(missing_ok=True)
        self.received, self.total, self._tag = 0, None, ""

    def finish(self) -> Path:
        self._close()
        self._part.replace(self._to)
        self._tag_file.unlink(missing_ok=True)
        return self._to

    def _go_on(self, headers: Mapping[str, str]) -> None:
        found = _RANGE.fullmatch(headers.get("content-range", ""))
        if found is None or int(found[1]) != self.received:
            raise UnexpectedAnswer("another part of the recording came than was asked for")
        self.total = int(found[2]) if found[2].isdecimal() else None
        self._file = self._part.open("ab")

    def _start_over(self, headers: Mapping[str, str]) -> None:
        self.forget()
        length = headers.get("content-length", "")
        self.total = int(length) if length.isdecimal() else None
        self._file = self._part.open("wb")
        tag = headers.get("etag", "")
        if tag and not tag.startswith("W/"):
            self._tag_file.write_text(tag)
            self._tag = tag

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def download(request: Request[Any], terms: Terms, to: Path, progress: Progress | None) -> Plan[Path]:
    """Gives up after as many attempts in a row as the client's policy allows for which not a single byte came."""
    with PartFile(to, progress) as part:
        fruitless = 0
        while not part.is_whole:
            before = part.received
            broken = yield from _some(request, terms, part)
            if broken is not None:
                fruitless = 0 if part.received > before else fruitless + 1
                if fruitless >= terms.retrying.max_attempts:
                    raise broken
                yield from pause(terms.retrying.backoff_s(fruitless + 1, terms.draw()))
        if not part.received:
            raise RecordingFailed("the recording is empty")
        return part.finish()


def link(request: Request[Any], terms: Terms) -> Plan[str]:
    answer = yield from answered(request, terms)
    location = answer.headers.get("location")
    if location is None:
        raise UnexpectedAnswer("this deployment gives no address for the audio; download it")
    return urljoin(terms.base_url, location)


def _some(request: Request[Any], terms: Terms, part: PartFile) -> Plan[ConnectionFailed | None]:
    """As much of the file as comes in one go; why it was not all."""
    before = part.received
    try:
        answer = yield from answered(request, terms, part)
    except ConnectionFailed as broken:
        if part.received == before:
            raise
        return broken
    if "location" in answer.headers:
        return (yield from _from_elsewhere(urljoin(terms.base_url, answer.headers["location"]), terms, part))
    part.ended()
    return None if part.is_whole else ConnectionFailed("the recording broke off")


def _from_elsewhere(url: str, terms: Terms, part: PartFile) -> Plan[ConnectionFailed | None]:
    """Our key stays here: the address alone opens the file. It lives for minutes; a refused one is asked for again."""
    call = Call("GET", url, part.wanted(), timeout_s=terms.retrying.timeout_s, sink=part)
    outcome = yield from ask(call)
    if isinstance(outcome, Fault):
        return failure(outcome)
    return _judged(outcome, part)


def _judged(answer: Answer, part: PartFile) -> ConnectionFailed | None:
    if answer.status == _NOT_SATISFIABLE:
        part.forget()
        return ConnectionFailed("the recording is another one now")
    if not answer.is_success:
        return ConnectionFailed(f"the recording's address was refused with {answer.status}")
    part.ended()
    return None if part.is_whole else ConnectionFailed("the recording broke off")
