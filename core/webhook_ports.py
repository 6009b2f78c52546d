"""What the services of webhooks need of the world; the rules of `core.ports` hold here too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from core.domain.deliveries import Result


class Resolver(Protocol):
    def resolve(self, host: str, timeout_s: float) -> list[str]:
        """Every address of a name, or of an address written out; none when there is none. Raises TimeoutError."""
        ...


class WebhookCaller(Protocol):
    def post(self, url: str, headers: Mapping[str, str], body: bytes, *, local: bool) -> Result:
        """Ask once. `local` lets it go to loopback. Never raises for what the other side does."""
        ...
