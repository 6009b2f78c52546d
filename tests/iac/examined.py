"""One combination: synthesized, seen by cdk-nag, and held against the rules. Runs in a process of its own."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from stacks.config import Config
from tests.iac.rules import RULES
from tests.infrastructure.assembly import Assembly, synthesize


@dataclass(frozen=True)
class Job:
    """Settings as `-c` would give them, a folder for all that is made, and the one that all jobs share."""

    values: dict[str, Any]
    scratch: Path
    distinct: Path


@dataclass(frozen=True)
class Examined:
    """`problems` is empty when all is well. The templates themselves are in the folder that was named."""

    problems: list[str]
    seconds: float


def examine(job: Job) -> Examined:
    """Templates go to `distinct` as `<stack>.<digest>.json`, each content once."""
    began = time.monotonic()
    assembly = _synthesized(job.scratch, Config.model_validate(job.values))
    problems = [*_unacknowledged(assembly)]
    if not problems:
        problems += [problem for rule in RULES for problem in rule(assembly)]
    for path in assembly.folder.glob("*.template.json"):
        stack = path.name.removeprefix(f"{assembly.config.prefix}-").removesuffix(".template.json")
        shutil.copyfile(path, job.distinct / f"{stack}.{sha256(path.read_bytes()).hexdigest()[:12]}.json")
    shutil.rmtree(job.scratch)
    return Examined(problems, time.monotonic() - began)


def _synthesized(folder: Path, config: Config) -> Assembly:
    try:
        return synthesize(folder, config)
    except RuntimeError:
        # Everything has been written, the findings as well; without those it was something else.
        if not (folder / "validation-report.json").exists():
            raise
        return Assembly(folder, config)


def _unacknowledged(assembly: Assembly) -> list[str]:
    return [
        f"{violation['ruleName']} at {construct['constructPath']}"
        for plugin in assembly.report["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    ]
