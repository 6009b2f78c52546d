"""Reading a session description (RFC 8866): what offer and answer need of it, from senders who follow it loosely.

Lines may end with LF alone, blank ones are passed over, unknown types too, and their order is not looked at. What is
kept is bounded, and what an answer repeats consists of harmless characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from media_worker.sip.sdp.media import Malformed

_MAX_BYTES = 16_384
_MAX_LINES = 500
_MAX_MEDIA = 16
_MAX_FORMATS = 64
_MAX_ATTRIBUTES = 200
PORTS = 65_536

_MEDIA = re.compile(
    r"([A-Za-z0-9.+_-]{1,32}) +(\d{1,5})(?:/\d{1,5})? +([A-Za-z0-9/.+_-]{1,48})"
    r"((?: +[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,32})+)",
    re.ASCII,
)
_CONNECTION = re.compile(r"IN +IP([46]) +([0-9A-Za-z.:_-]{1,255})(?:/\d+){0,2}", re.IGNORECASE | re.ASCII)
_TIMING = re.compile(r"\d{1,20} \d{1,20}", re.ASCII)


@dataclass(slots=True)
class Section:
    """The lines of the session or of one medium. `host` is None where no c= was; attributes as (name, value)."""

    host: str | None = None
    attributes: list[tuple[str, str]] = field(default_factory=list)

    def every(self, name: str) -> Iterator[str]:
        return (value for found, value in self.attributes if found == name)

    def has(self, name: str) -> bool:
        return any(found == name for found, _ in self.attributes)

    def number(self, name: str) -> int | None:
        """Of the first attribute of this name that begins with a number."""
        for value in self.every(name):
            if found := re.match(r"\d{1,9}", value, re.ASCII):
                return int(found[0])
        return None


@dataclass(slots=True)
class Media(Section):
    kind: str = ""
    port: int = 0
    protocol: str = ""
    formats: Sequence[str] = ()


@dataclass(slots=True)
class Description:
    """`timing` is the value of the first t= line, which an answer has to repeat."""

    session: Section = field(default_factory=Section)
    media: list[Media] = field(default_factory=list)
    timing: str = "0 0"

    def host_of(self, media: Media) -> str | None:
        return media.host or self.session.host


def parse(body: bytes) -> Description:
    """Raises Malformed."""
    if len(body) > _MAX_BYTES:
        raise Malformed(f"the session description is longer than {_MAX_BYTES} bytes")
    lines = [line.rstrip() for line in body.decode("utf-8", "replace").split("\n", _MAX_LINES + 1)]
    if len(lines) > _MAX_LINES:
        raise Malformed(f"the session description has more than {_MAX_LINES} lines")
    lines = [line for line in lines if line]
    if not lines or not lines[0].startswith("v="):
        raise Malformed("a session description begins with v=")
    description = Description()
    for line in lines:
        if line[1:2] != "=":
            raise Malformed("every line of a session description is a letter, an equals sign and a value")
        _take(description, line[0], line[2:].strip())
    return description


def _take(description: Description, kind: str, value: str) -> None:
    here: Section = description.media[-1] if description.media else description.session
    if kind == "m":
        description.media.append(_media(value))
        if len(description.media) > _MAX_MEDIA:
            raise Malformed(f"the session description has more than {_MAX_MEDIA} media")
    elif kind == "c":
        here.host = here.host or _host(value)
    elif kind == "a" and len(here.attributes) < _MAX_ATTRIBUTES:
        name, _, rest = value.partition(":")
        here.attributes.append((name.strip().lower(), rest.strip()))
    elif kind == "t" and _TIMING.fullmatch(value):
        description.timing = value


def _media(value: str) -> Media:
    found = _MEDIA.fullmatch(value)
    if found is None or int(found[2]) >= PORTS:
        raise Malformed("an m= line has a kind, a port, a protocol and formats")
    formats = found[4].split()
    if len(formats) > _MAX_FORMATS:
        raise Malformed(f"an m= line has more than {_MAX_FORMATS} formats")
    return Media(kind=found[1].lower(), port=int(found[2]), protocol=found[3], formats=formats)


def _host(value: str) -> str:
    found = _CONNECTION.fullmatch(value)
    if found is None:
        raise Malformed("a c= line is IN, IP4 or IP6, and an address")
    return found[2]
