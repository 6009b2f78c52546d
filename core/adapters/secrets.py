"""Secrets, read once per process and kept: a rotated one is seen by the next process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.adapters.aws_errors import translated

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@dataclass(frozen=True, slots=True)
class CachedSecrets:
    client: SecretsManagerClient
    _known: dict[str, bytes] = field(default_factory=dict, init=False, repr=False)

    def read(self, name: str) -> bytes:
        if name not in self._known:
            self._known[name] = self._fetch(name)
        return self._known[name]

    def _fetch(self, name: str) -> bytes:
        with translated("GetSecretValue"):
            answer = self.client.get_secret_value(SecretId=name)
        if "SecretBinary" in answer:
            return answer["SecretBinary"]
        return answer["SecretString"].encode()
