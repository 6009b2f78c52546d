"""Secrets are kept for five minutes, and longer where they cannot be read again."""

from __future__ import annotations

from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from core.adapters.secrets import CachedSecrets
from core.domain.rotation import Version, Versions, text_of
from core.errors import Unavailable
from tests.fakes.clocks import START


class Vault:
    def __init__(self, **values: dict[str, Any]) -> None:
        self.values = values
        self.asked: list[str] = []
        self.failure: str | None = None
        self.now_s = 1_000.0

    def get_secret_value(self, SecretId: str) -> dict[str, Any]:
        self.asked.append(SecretId)
        if self.failure:
            raise ClientError({"Error": {"Code": self.failure}}, "GetSecretValue")
        return self.values[SecretId]

    @property
    def secrets(self) -> CachedSecrets:
        return CachedSecrets(cast(Any, self), lambda: self.now_s)


def test_a_secret_is_read_once_whether_text_or_bytes() -> None:
    vault = Vault(text={"SecretString": "größe"}, binary={"SecretBinary": b"\x00\x01"})
    secrets = vault.secrets

    read = [secrets.read(name) for name in ("text", "binary", "text")]

    assert read == ["größe".encode(), b"\x00\x01", "größe".encode()]
    assert vault.asked == ["text", "binary"]


def test_after_five_minutes_it_is_read_again() -> None:
    vault = Vault(key={"SecretString": "old"})
    secrets = vault.secrets
    assert secrets.versions("key").values == (b"old",)
    rotated = secrets.versions("key").with_new(b"new", START)
    vault.values["key"] = {"SecretString": text_of(rotated)}

    vault.now_s += 299
    assert secrets.versions("key").values == (b"old",)
    vault.now_s += 1
    assert secrets.versions("key") == rotated
    assert len(vault.asked) == 2


@pytest.mark.parametrize("code", ["ThrottlingException", "AccessDeniedException"])
def test_one_that_cannot_be_read_again_stays_and_is_asked_for_every_half_minute(code: str) -> None:
    vault = Vault(key={"SecretString": "old"})
    secrets = vault.secrets
    secrets.versions("key")
    vault.failure, vault.now_s = code, vault.now_s + 300

    for _ in range(3):
        assert secrets.versions("key") == Versions((Version(1, b"old"),))
    assert len(vault.asked) == 2
    vault.now_s += 30
    secrets.versions("key")
    assert len(vault.asked) == 3


def test_one_that_never_could_be_read_is_none() -> None:
    vault = Vault()
    vault.failure = "ThrottlingException"
    with pytest.raises(Unavailable):
        vault.secrets.versions("key")


def test_the_secrets_do_not_show_when_the_adapter_is_printed() -> None:
    secrets = Vault(name={"SecretString": "hunter2"}).secrets
    secrets.read("name")

    assert "hunter2" not in repr(secrets)
