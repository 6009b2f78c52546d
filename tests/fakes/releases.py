"""A service of which tests say which release is in it."""

from __future__ import annotations


class Service:
    """Releases, for any number of workers."""

    def __init__(self, release: str) -> None:
        self.release = release
        self.failure: Exception | None = None
        self.asked = 0

    def in_service(self) -> str:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return self.release
