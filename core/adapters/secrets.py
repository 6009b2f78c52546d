"""Secrets, kept by the process and read again now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.adapters.aws_errors import translated
from core.domain.rotation import READ_AGAIN_AFTER, Versions, read_versions, text_of
from core.errors import DependencyRefused, Unavailable

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_KEPT_S = READ_AGAIN_AFTER.total_seconds()
_RETRY_S = 30.0


@dataclass(slots=True)
class _Known:
    value: bytes = field(repr=False)
    versions: Versions | None
    until_s: float


@dataclass(frozen=True, slots=True)
class CachedSecrets:
    """`now_s` is the time of day: a function's process is frozen between requests, and its other clocks may be, too."""

    client: SecretsManagerClient
    now_s: Callable[[], float] = time.time
    _known: dict[str, _Known] = field(default_factory=dict, init=False, repr=False)

    def read(self, name: str) -> bytes:
        """Of one that is never rotated: its text, as it is."""
        return self._fresh(name).value

    def versions(self, name: str) -> Versions:
        """Of one that may be. Raises ValueError when somebody has written nonsense into it."""
        known = self._fresh(name)
        if known.versions is None:
            known.versions = read_versions(known.value)
        return known.versions

    def _fresh(self, name: str) -> _Known:
        """One that was read a while ago is better than none, when it cannot be read again."""
        known, now_s = self._known.get(name), self.now_s()
        if known is not None and now_s < known.until_s:
            return known
        try:
            value = self._fetch(name)
        except (Unavailable, DependencyRefused):
            if known is None:
                raise
            known.until_s = now_s + _RETRY_S
            return known
        self._known[name] = _Known(value, None, now_s + _KEPT_S)
        return self._known[name]

    def _fetch(self, name: str) -> bytes:
        with translated("GetSecretValue"):
            answer = self.client.get_secret_value(SecretId=name)
        if "SecretBinary" in answer:
            return answer["SecretBinary"]
        return answer["SecretString"].encode()


@dataclass(frozen=True, slots=True)
class RotatableSecret:
    """One secret as its operator sees it: as it is now, and to be changed."""

    client: SecretsManagerClient
    name: str

    def read(self) -> Versions:
        """Raises ValueError when it holds nonsense."""
        return CachedSecrets(self.client).versions(self.name)

    def write(self, versions: Versions) -> None:
        with translated("PutSecretValue"):
            self.client.put_secret_value(SecretId=self.name, SecretString=text_of(versions))
