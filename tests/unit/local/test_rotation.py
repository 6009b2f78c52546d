"""What an operator is told of a deployment's secrets, and what they can do with them."""

from __future__ import annotations

import json

import pytest

from core.domain.access import ApiKey
from local import rotation
from tests.builders import an_api_key
from tests.fakes.secrets import MemorySecret


class Deployment:
    """Both secrets, and one key that is hashed with the first pepper."""

    def __init__(self) -> None:
        self.secrets = {"ApiKeyPepperSecretArn": MemorySecret(b"hunter2"), "StreamTokenSecretArn": MemorySecret()}
        self.access = self

    def secret(self, output: str) -> MemorySecret:
        return self.secrets[output]

    def every_key(self) -> list[ApiKey]:
        return [an_api_key()]


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Deployment:
    made = Deployment()
    monkeypatch.setattr(rotation, "Deployed", lambda _prefix: made)
    return made


def test_both_are_rotated_each_by_itself(deployment: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    assert rotation.main(["rotate", "stream-tokens"]) == 0
    assert [len(secret.versions.all) for secret in deployment.secrets.values()] == [1, 2]
    assert rotation.main(["rotate", "pepper"]) == 0
    assert [len(secret.versions.all) for secret in deployment.secrets.values()] == [2, 2]
    assert "version 1: used from the beginning, in use, 1 API keys" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--json", "show", "pepper"], ["show", "pepper", "--json"]])
def test_no_value_is_shown(deployment: Deployment, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert rotation.main(words) == 0
    out = capsys.readouterr().out
    assert json.loads(out)["data"] == [{"version": 1, "in_use": True, "used_from": None, "api_keys": 1}]
    assert "hunter2" not in out


def test_what_is_refused_is_said_and_changes_nothing(
    deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rotation.main(["drop", "pepper", "--version", "1"]) == 1
    assert rotation.main(["drop", "pepper", "--version", "7"]) == 1
    assert capsys.readouterr().err.count("nothing was changed") == 2
    assert deployment.secrets["ApiKeyPepperSecretArn"].versions.values == (b"hunter2",)


def test_after_a_leak_the_old_one_goes_at_once(deployment: Deployment) -> None:
    assert rotation.main(["rotate", "pepper", "--at-once"]) == 0
    assert rotation.main(["drop", "pepper", "--version", "1"]) == 1
    assert rotation.main(["drop", "pepper", "--version", "1", "--force"]) == 0
    (left,) = deployment.secrets["ApiKeyPepperSecretArn"].versions.all
    assert (left.number, len(left.value)) == (2, 64)
