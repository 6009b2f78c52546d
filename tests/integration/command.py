"""The installed `kallglot`, as a customer's shell runs it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.stack import Stack

KALLGLOT = Path(sys.executable).parent / "kallglot"
PATIENCE_S = 60.0
# What a shell starts in the background ignores Ctrl-C, and so does all that comes from it: a suite begun by
# `make test &`, down to the command that a test interrupts. At a prompt of its own it heeds Ctrl-C, and so here.
AT_A_PROMPT = ("env", "--default-signal=INT")


class Command:
    """The installed command, in a process of its own, told of the stack by its environment alone."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        told = {"KALLGLOT_API_URL": stack.addresses.api_url, "KALLGLOT_API_KEY": stack.addresses.api_key}
        self.environment = {**os.environ, **told, "KALLGLOT_EVENTS_URL": stack.addresses.events_url}
        self.folder = folder

    async def __call__(self, *words: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> Said:
        process = await self.start(*words, environment=environment)
        async with asyncio.timeout(PATIENCE_S):
            out, err = await process.communicate(stdin)
        return Said(process.returncode or 0, out.decode(), err.decode())

    async def start(self, *words: str, environment: Mapping[str, str] | None = None) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            *AT_A_PROMPT,
            KALLGLOT,
            *words,
            cwd=self.folder,
            env={**self.environment, **(environment or {})},
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
        )


class Said:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)
