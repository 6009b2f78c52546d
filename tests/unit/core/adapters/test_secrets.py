"""Secrets are fetched once."""

from __future__ import annotations

from typing import Any, cast

from core.adapters.secrets import CachedSecrets


class Vault:
    def __init__(self, **values: dict[str, Any]) -> None:
        self.values = values
        self.asked: list[str] = []

    def get_secret_value(self, SecretId: str) -> dict[str, Any]:
        self.asked.append(SecretId)
        return self.values[SecretId]


def test_a_secret_is_read_once_whether_text_or_bytes() -> None:
    vault = Vault(text={"SecretString": "größe"}, binary={"SecretBinary": b"\x00\x01"})
    secrets = CachedSecrets(cast(Any, vault))

    read = [secrets.read(name) for name in ("text", "binary", "text")]

    assert read == ["größe".encode(), b"\x00\x01", "größe".encode()]
    assert vault.asked == ["text", "binary"]


def test_the_secrets_do_not_show_when_the_adapter_is_printed() -> None:
    secrets = CachedSecrets(cast(Any, Vault(name={"SecretString": "hunter2"})))
    secrets.read("name")

    assert "hunter2" not in repr(secrets)
