"""A secret that an operator changes, in memory."""

from __future__ import annotations

from core.domain.rotation import Version, Versions


class MemorySecret:
    def __init__(self, value: bytes = b"first") -> None:
        self.versions = Versions((Version(1, value),))

    def read(self) -> Versions:
        return self.versions

    def write(self, versions: Versions) -> None:
        self.versions = versions
