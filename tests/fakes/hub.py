"""A hub in memory, for httpx: tells revisions, sends large files to another host, and breaks off when told to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx

COMMIT = "c" * 40


def blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@dataclass
class FakeHub:
    """`files` by name; those of `large` are announced with their SHA-256 and lie on another host."""

    files: dict[str, bytes]
    large: frozenset[str] = frozenset({"model.bin"})
    announced: dict[str, bytes] = field(default_factory=dict)
    breaks: int = 0
    ranges: list[str] = field(default_factory=list)
    tokens: dict[str, set[str | None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        self.tokens.setdefault(request.url.host, set()).add(request.headers.get("authorization"))
        if request.url.path.startswith("/api/models/"):
            return httpx.Response(200, json={"sha": COMMIT, "siblings": [self._told(name) for name in self.files]})
        name = request.url.path.split(f"/{COMMIT}/", 1)[-1]
        if name not in self.files:
            return httpx.Response(404)
        if name in self.large and request.url.host != "files.example":
            return httpx.Response(302, headers={"location": f"https://files.example/{COMMIT}/{name}?signature=secret"})
        return self._sent(self.files[name], request.headers.get("range", ""))

    def _told(self, name: str) -> dict[str, object]:
        data = self.announced.get(name, self.files[name])
        if name not in self.large:
            return {"rfilename": name, "size": len(data), "blobId": blob(data)}
        return {"rfilename": name, "lfs": {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}}

    def _sent(self, data: bytes, asked: str) -> httpx.Response:
        self.ranges.append(asked)
        found = re.fullmatch(r"bytes=(\d+)-", asked)
        start = int(found[1]) if found else 0
        headers = {"content-range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if found else {}
        return httpx.Response(206 if found else 200, headers=headers, content=self._broken(data[start:]))

    def _broken(self, data: bytes) -> Iterator[bytes]:
        if self.breaks:
            self.breaks -= 1
            yield data[: len(data) // 2]
            raise httpx.ReadError("broken off")
        yield data
