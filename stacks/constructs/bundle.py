"""The archives that the functions run from: locked dependencies as wheels for Lambda's platform, `core`, `lambdas`.

One for all of them but those that speak with carriers, whose clients would make every other one many times as large,
and the one that reads documents, whose parser reads what strangers wrote.

No docker: `uv` resolves the wheels of another platform as well as of this one. What does not change between two
edits, the dependencies, is kept under `.local/` by a key over everything that it was made from.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_

ROOT = Path(__file__).resolve().parents[2]
_CACHE = ROOT / ".local" / "bundles"
_SOURCES = ("core", "lambdas")
# What the API serves about itself, read by `lambdas/rest/documents.py`.
_DOCUMENTS = Path("docs") / "api"
# What draws their page; put there by `local/setup/page.sh`.
_DRAWING = ROOT / ".local" / "page"
# Groups of pyproject.toml.
USUAL, TELEPHONY, DOCUMENTS = "lambdas", "telephony", "documents"
_TASK_ROOT = "/var/task"

# The AWS clients that functions make; botocore's models of the other four hundred services are left out.
AWS_SERVICES = ("apigatewaymanagementapi", "dynamodb", "events", "lambda", "s3", "secretsmanager", "sqs")
_PLATFORMS = {"arm64": "aarch64", "x86_64": "x86_64"}


def code(architecture: str, python: str, group: str = USUAL) -> lambda_.Code:
    return lambda_.Code.from_asset(
        str(ROOT),
        # Hash what was made, not what it was made from: the same sources give another archive on another platform.
        asset_hash_type=AssetHashType.OUTPUT,
        bundling=BundlingOptions(
            # Required by CDK and never pulled: the local bundling answers, or fails loudly.
            image=DockerImage.from_registry("scratch"),
            local=LocalBundling(architecture, python, group),
            # What CDK tells two archives of one source apart by.
            environment={"GROUP": group},
        ),
    )


@jsii.implements(ILocalBundling)
class LocalBundling:
    def __init__(self, architecture: str, python: str, group: str = USUAL) -> None:
        self._platform = _platform(architecture, python)
        self._python = python
        self._group = group

    def try_bundle(self, output_dir: str, _options: Any = None, **_: Any) -> bool:
        shutil.copytree(self._dependencies(), output_dir, dirs_exist_ok=True, symlinks=True)
        for source in _SOURCES:
            ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(ROOT / source, Path(output_dir) / source, dirs_exist_ok=True, ignore=ignore)
            self._compile(Path(output_dir) / source, Path(output_dir))
        shutil.copytree(ROOT / _DOCUMENTS, Path(output_dir) / _DOCUMENTS)
        shutil.copytree(_DRAWING, Path(output_dir) / _DOCUMENTS / "page", dirs_exist_ok=True)
        return True

    @cached_property
    def _key(self) -> str:
        made_from = [(ROOT / "uv.lock").read_bytes(), Path(__file__).read_bytes(), sys.version.encode()]
        made_for = (self._platform, self._python, self._group)
        digest = hashlib.sha256(b"\0".join([*made_from, *(part.encode() for part in made_for)]))
        return digest.hexdigest()[:24]

    def _dependencies(self) -> Path:
        kept = _CACHE / self._key
        if not kept.exists():
            _CACHE.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=_CACHE, prefix="making-") as scratch:
                made = Path(scratch) / "site"
                self._install(made, Path(scratch) / "requirements.txt")
                _trim(made)
                self._compile(made, made)
                _keep(made, kept)
        return kept

    def _install(self, target: Path, requirements: Path) -> None:
        _uv("export", "--frozen", "--only-group", self._group, "--no-header", "--output-file", str(requirements))
        _uv(
            *("pip", "install", "--target", str(target), "--requirements", str(requirements), "--require-hashes"),
            *("--python-platform", self._platform, "--python-version", self._python),
            *("--only-binary", ":all:", "--no-compile-bytecode", "--link-mode", "copy"),
        )

    def _compile(self, tree: Path, top: Path) -> None:
        """Ship bytecode, or a cold start compiles every module anew: `/var/task` is read-only.

        Unchecked-hash bytecode survives the archive's timestamps and is the same from any build directory. Only an
        interpreter of the function's own minor version can write it.
        """
        if self._python != f"{sys.version_info.major}.{sys.version_info.minor}":
            return
        compiler = [sys.executable, "-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
        # In a process of its own: bytecode depends on what the compiling process interned before.
        subprocess.run([*compiler, "-s", str(top), "-p", _TASK_ROOT, str(tree)], check=True)


def _platform(architecture: str, python: str) -> str:
    """Runtimes before Python 3.12 stand on a glibc of 2017, for which not every wheel is made: then `uv` says which."""
    glibc = "manylinux2014" if int(python.partition(".")[2]) < 12 else "manylinux_2_28"
    return f"{_PLATFORMS[architecture]}-{glibc}"


def _keep(made: Path, kept: Path) -> None:
    """Whoever comes second has made the same."""
    try:
        made.rename(kept)
    except OSError:
        if not kept.exists():
            raise


def _uv(*arguments: str) -> None:
    subprocess.run(["uv", "--quiet", *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def _trim(site: Path) -> None:
    """Drop installer leftovers and the service models nobody asks for."""
    for leftover in (site / ".lock", *site.glob("*.dist-info/RECORD"), *site.glob("*.dist-info/direct_url.json")):
        leftover.unlink(missing_ok=True)
    shutil.rmtree(site / "bin", ignore_errors=True)
    for model in (site / "botocore" / "data").iterdir():
        if model.is_dir() and model.name not in AWS_SERVICES:
            shutil.rmtree(model)
