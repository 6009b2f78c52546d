"""The archive that the functions run from, made for this machine and tried in an interpreter that has nothing else."""

from __future__ import annotations

import ast
import hashlib
import platform
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest

from stacks.config import Config
from stacks.constructs.bundle import AWS_SERVICES, TELEPHONY, USUAL, LocalBundling
from stacks.constructs.function import Function
from stacks.deployment import Deployment
from tests.infrastructure.assembly import IMAGE, ROOT, context
from tests.infrastructure.test_functions import SETTINGS

ARCHITECTURE = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
CLIENTS = ROOT / "core" / "adapters" / "clients.py"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


# What Lambda takes, unpacked, is 250 MB.
LARGEST_MB = 220
USUAL_LARGEST_MB = 60


def made(folder: Path, python: str = PYTHON, group: str = USUAL) -> Path:
    LocalBundling(ARCHITECTURE, python, group).try_bundle(str(folder))
    return folder


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("bundle"))


@pytest.fixture(scope="module")
def telephony(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("telephony"), group=TELEPHONY)


def size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def alone(bundle: Path, script: str) -> str:
    """What a script prints that finds the standard library and the archive, and no package of this project."""
    isolated = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(bundle)!r})\n{script}"]
    ran = subprocess.run(isolated, capture_output=True, text=True, check=False, cwd="/")
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_every_handler_imports_from_the_archive_alone(bundle: Path) -> None:
    imports = "\n".join(f"import lambdas.{module}" for module in SETTINGS)
    alone(bundle, imports)


def test_it_holds_what_the_functions_are_and_no_part_of_the_worker(bundle: Path) -> None:
    held = {path.name for path in bundle.iterdir()}
    assert {"core", "lambdas", "pydantic", "botocore", "aws_lambda_powertools"} <= held
    assert not held & {"media_worker", "stacks", "local", "tests", "numpy", "bin", ".lock"}


def test_it_carries_the_documents_that_it_serves(bundle: Path) -> None:
    served = """
from lambdas.rest import documents
assert documents.openapi(None).body.startswith('{')
assert documents.docs(None).body.startswith('<!doctype html>')
for name in documents.PAGES:
    assert len(documents.page(None, name).body) > 100
"""
    alone(bundle, served)


def test_it_knows_every_aws_service_that_the_adapters_speak_to(bundle: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(CLIENTS.read_text())) if isinstance(node, ast.Call)]
    made_by = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "_client"]
    spoken_to = {first.value for call in made_by if isinstance(first := call.args[0], ast.Constant)}
    # Workers ask ECS, gateways EC2, and they are no functions.
    assert spoken_to - {"ec2", "ecs"} == set(AWS_SERVICES)
    script = "import botocore.session; session = botocore.session.get_session()\n"
    script += f"for name in {AWS_SERVICES!r}: session.create_client(name, region_name='us-east-1')"
    alone(bundle, script)


def test_it_carries_bytecode_that_needs_no_look_at_its_source(bundle: Path) -> None:
    sources = [path for path in bundle.rglob("*.py") if "tests" not in path.parts]
    for source in sources:
        (compiled,) = (source.parent / "__pycache__").glob(f"{source.stem}.cpython-*.pyc")
        # PEP 552: bit 0 is "by hash", bit 1 "check the source"; Lambda's file system is read-only and dated 1980.
        assert int.from_bytes(compiled.read_bytes()[4:8], "little") == 0b01


def test_the_same_sources_give_the_same_archive(bundle: Path, tmp_path: Path) -> None:
    assert digest(made(tmp_path / "again")) == digest(bundle)


def test_another_version_of_python_gets_no_bytecode_of_this_one(tmp_path: Path) -> None:
    other = made(tmp_path / "other", python="3.12" if PYTHON != "3.12" else "3.13")
    assert not list(other.rglob("*.pyc"))
    assert [path.name for path in other.glob("pydantic_core/*.so")] != [
        path.name for path in made(tmp_path / "ours").glob("pydantic_core/*.so")
    ]


def test_who_speaks_with_carriers_has_their_clients(telephony: Path) -> None:
    makes = """
import os, sys
import lambdas.telephony.dial, lambdas.telephony.webhooks
from lambdas.runtime import telephony_wiring
assert not {'telnyx', 'twilio', 'nacl'} & set(sys.modules), 'a cold start waits for nobody who is not asked'
assert 'twilio' in type(telephony_wiring._twilio('https://x')._http).__mro__[1].__module__
telephony_wiring._telnyx('https://x')
from core.adapters.carriers.signatures import nobodys_credentials
nobodys_credentials()
"""
    alone(telephony, makes)
    assert size_mb(telephony) < LARGEST_MB


def test_nobody_else_carries_them(bundle: Path) -> None:
    assert not {"telnyx", "twilio", "nacl"} & {path.name for path in bundle.iterdir()}
    assert size_mb(bundle) < USUAL_LARGEST_MB
    app = cdk.App(context=context(), analytics_reporting=False)
    Deployment(app, Config(image=IMAGE))
    carrying = {node.module: node.group for node in app.node.find_all() if isinstance(node, Function)}
    assert set(carrying) == set(SETTINGS)
    assert {module for module, group in carrying.items() if group == TELEPHONY} == {
        "telephony.dial",
        "telephony.webhooks",
    }


def digest(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()
