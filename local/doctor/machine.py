"""This machine, as far as a deployment from it needs anything."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_PATIENCE_S = 15.0


class Machine(Protocol):
    def node_version(self) -> str | None:
        """Such as `v22.1.0`; None where there is none."""
        ...

    def has_cdk(self) -> bool: ...

    def container_engine(self) -> str:
        """The command that the CDK calls."""
        ...

    def engine_answers(self) -> str | None:
        """None where it does; else what it says instead."""
        ...


@dataclass(frozen=True, slots=True)
class ThisMachine:
    root: Path = Path()

    def node_version(self) -> str | None:
        node = shutil.which("node")
        return _output([node, "--version"]) if node else None

    def has_cdk(self) -> bool:
        return (self.root / "node_modules" / ".bin" / "cdk").exists()

    def container_engine(self) -> str:
        return os.environ.get("CDK_DOCKER") or "docker"

    def engine_answers(self) -> str | None:
        engine = self.container_engine()
        if shutil.which(engine) is None:
            return f"there is no program {engine}"
        try:
            asked = subprocess.run([engine, "info"], capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
        except subprocess.TimeoutExpired:
            return f"`{engine} info` gave no answer in {_PATIENCE_S:.0f} s"
        last = (asked.stderr.strip().splitlines() or ["no reason given"])[-1]
        return None if asked.returncode == 0 else f"`{engine} info` failed: {last[:200]}"


def _output(command: list[str]) -> str | None:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=True).stdout.strip()
    except (subprocess.SubprocessError, OSError):
        return None
