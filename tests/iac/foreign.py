"""What people who never saw this product say about the templates: cfn-lint, and checkov, which is kept apart."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path

from tests.iac.accepted import ACCEPTED, Accepted
from tests.infrastructure.assembly import ROOT

# Redundant DependsOn entries, which CDK itself writes.
_WRITTEN_BY_CDK = "W3005"
_AT_ONCE = 12
_REQUIREMENTS = Path(__file__).with_name("checkov.txt")
_HOME = ROOT / ".local" / "checkov"


class NotInstalled(Exception):
    """checkov could not be installed; uv's own words are the message."""


@dataclass(frozen=True, order=True)
class Failure:
    check: str
    where: str
    says: str

    def __str__(self) -> str:
        return f"{self.check} at {self.where}: {self.says}"


def cfn_lint(templates: Iterable[Path]) -> Iterator[list[str]]:
    """What is wrong, batch by batch, on two processors."""
    paths = sorted(map(str, templates))
    batches = [paths[at : at + _AT_ONCE] for at in range(0, len(paths), _AT_ONCE)]
    with ThreadPoolExecutor(2) as both:
        yield from both.map(_linted, batches)


def _linted(paths: list[str]) -> list[str]:
    options = ["--ignore-checks", _WRITTEN_BY_CDK, "--format", "parseable", "--", *paths]
    command = [str(Path(sys.executable).with_name("cfn-lint")), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = [line for line in done.stdout.splitlines() if line.strip()]
    return said or ([done.stderr.strip() or "cfn-lint failed without a word"] if done.returncode else [])


def checkov(folder: Path) -> set[Failure]:
    """Every failure in the templates of a folder, accepted ones included; the same one in several is one."""
    options = ["--framework", "cloudformation", "--quiet", "--compact", "--skip-download", "--output", "json"]
    command = [str(_installed()), *options, "--directory", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_alone())
    try:
        told = json.loads(done.stdout)
    except ValueError:
        raise NotInstalled(f"checkov did not answer: {done.stderr[-500:]}") from None
    if told["summary"]["parsing_errors"]:
        raise NotInstalled(f"checkov could not read {told['summary']['parsing_errors']} templates")
    return {
        Failure(
            each["check_id"], f"{Path(each['file_path']).name.split('.')[0]}/{each['resource']}", each["check_name"]
        )
        for each in told["results"]["failed_checks"]
    }


def unaccepted(failures: Iterable[Failure]) -> tuple[list[Failure], list[Accepted]]:
    """Failures that nobody answers for, and answers to which nothing fails."""
    left, used = [], set()
    for failure in sorted(failures):
        answers = [each for each in ACCEPTED if each.check == failure.check and fnmatchcase(failure.where, each.where)]
        used |= set(answers)
        if not answers:
            left.append(failure)
    return left, [each for each in ACCEPTED if each not in used]


def _alone() -> dict[str, str]:
    """Without a platform to report to, and whatever the environment may say of one."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("BC_", "PRISMA_", "CKV_", "AWS_"))
    }
    return {**kept, "LOG_LEVEL": "ERROR"}


def _installed() -> Path:
    """The program, in an environment that is made anew when its lock changes: it pins another boto3 than we do."""
    wanted = sha256(_REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    venv, stamp = _HOME / "venv", _HOME / "venv.stamp"
    if not stamp.exists() or stamp.read_text() != wanted:
        _HOME.mkdir(parents=True, exist_ok=True)
        _uv("venv", "--clear", "--python", sys.executable, str(venv))
        _uv("pip", "sync", "--python", str(venv / "bin" / "python"), "--require-hashes", str(_REQUIREMENTS))
        stamp.write_text(wanted)
    return venv / "bin" / "checkov"


def _uv(*arguments: str) -> None:
    done = subprocess.run(["uv", "--quiet", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotInstalled(f"uv could not install checkov: {done.stderr.strip()}")
