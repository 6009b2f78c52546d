"""The command as a shell runs it, in this process: arguments in, exit code and both streams out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from kallglot.cli.main import main
from tests.fakes.api import KEY, URL, Answer, FakeApi


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str
    api: FakeApi

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def rows(self) -> list[list[str]]:
        return [line.split("\t") for line in self.out.splitlines()]


class Shell:
    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys = capsys
        monkeypatch.setenv("KALLGLOT_API_URL", URL)
        monkeypatch.setenv("KALLGLOT_API_KEY", KEY)

    def __call__(self, line: str, *answers: Answer | httpx.Response | Exception) -> Said:
        """`line` is split at its blanks."""
        api = FakeApi(answers)
        try:
            code = main(line.split(), httpx.MockTransport(api))
        except SystemExit as wrong:
            code = int(wrong.code or 0)
        read = self._capsys.readouterr()
        return Said(code, read.out, read.err, api)
