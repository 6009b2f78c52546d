"""The worker's image, read as a text: nothing here can build it, so at least what it names must be there."""

from __future__ import annotations

import json
import platform
import re
import shlex
import sys
import tomllib
import urllib.request
from dataclasses import dataclass, field
from importlib.metadata import files
from pathlib import Path

import pytest

from stacks.constructs.sip_service import HEALTH_PORT, RTP_FIRST_PORT, RTP_LAST_PORT, SIP_PORT, SIP_TLS_PORT
from stacks.constructs.worker_service import PORT
from tests.infrastructure.assembly import ROOT

DOCKERFILE = ROOT / "media_worker" / "Dockerfile"
_HAS_CUDA = sys.platform == "linux" and platform.machine() == "x86_64"


@dataclass
class Stage:
    """`steps` are (instruction, rest of its line), in order."""

    name: str
    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [rest for found, rest in self.steps if found == instruction]


def stages() -> list[Stage]:
    lines = [line for line in DOCKERFILE.read_text().split("\n") if not line.startswith("#")]
    found: list[Stage] = []
    for line in "\n".join(lines).replace("\\\n", " ").split("\n"):
        instruction, _, rest = line.strip().partition(" ")
        if instruction == "FROM":
            base, _, name = rest.partition(" AS ")
            found.append(Stage(name, base))
        elif instruction:
            found[-1].steps.append((instruction, rest))
    return found


def by_name() -> dict[str, Stage]:
    return {stage.name: stage for stage in stages()}


def environment(stage: Stage) -> dict[str, str]:
    pairs = [pair.split("=", 1) for rest in stage.all("ENV") for pair in shlex.split(rest)]
    return {name: value for name, value in pairs}


def test_without_a_target_the_image_is_the_one_for_cpus() -> None:
    last = stages()[-1]
    assert (last.name, last.base, last.steps) == ("cpu", "worker", [])


def test_both_targets_are_the_same_worker_and_the_gpu_s_only_adds_to_it() -> None:
    cuda = by_name()["cuda"]
    assert cuda.base == "worker"
    assert {instruction for instruction, _ in cuda.steps} == {"ENV", "COPY", "RUN"}
    assert by_name()["worker"].all("ENTRYPOINT") == ['["python", "-m", "media_worker"]']


def test_the_ports_of_both_roles_are_named() -> None:
    named = {port for rest in by_name()["worker"].all("EXPOSE") for port in rest.split()}
    sound = f"{RTP_FIRST_PORT}-{RTP_LAST_PORT}/udp"
    gateway = {f"{SIP_PORT}/udp", f"{SIP_PORT}/tcp", f"{SIP_TLS_PORT}/tcp", f"{HEALTH_PORT}/tcp", sound}
    assert named == {str(PORT)} | gateway


@pytest.mark.parametrize(
    ("told", "port"),
    [({}, 8080), ({"PORT": "9000"}, 9000), ({"HEALTH_PORT": "8090"}, 8090), ({"HEALTH_PORT": "7", "PORT": "9"}, 7)],
)
def test_either_role_is_asked_for_its_health_where_it_answers(
    told: dict[str, str], port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (check,) = by_name()["worker"].all("HEALTHCHECK")
    *_, script = json.loads(check[check.index("[") :])
    asked: list[str] = []
    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: asked.append(url))
    for name in ("PORT", "HEALTH_PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    exec(script, {})
    assert asked == [f"http://127.0.0.1:{port}/healthz"]


def test_every_stage_begins_from_one_before_it_or_from_the_same_pinned_image() -> None:
    seen: set[str] = set()
    images = {stage.base for stage in stages() if stage.base not in {other.name for other in stages()}}
    assert len(images) == 1 and ":" in images.pop()
    for stage in stages():
        sources = re.findall(r"--from=(\S+)", " ".join(stage.all("COPY")))
        assert set(sources) <= seen
        seen.add(stage.name)


def test_what_is_copied_from_the_repository_is_there_and_let_through() -> None:
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line.startswith("!")}
    for copy in (copy for stage in stages() for copy in stage.all("COPY") if "--from" not in copy):
        *sources, _ = copy.split()
        assert all((ROOT / source).exists() for source in sources)
        assert set(sources) <= let_through


def test_groups_that_are_installed_are_groups_of_the_project() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    named = re.findall(r"--(?:only-)?group (\w+)", DOCKERFILE.read_text())
    assert named == ["cuda"]
    assert set(named) | {"worker", "whisper", "aws"} <= set(groups)


def test_the_libraries_are_looked_for_where_they_are_put() -> None:
    cuda, libraries = by_name()["cuda"], by_name()["cuda-libraries"]
    (copied,) = cuda.all("COPY")
    assert copied.split()[1:] == ["/nvidia", "/opt/nvidia"]
    assert libraries.all("RUN")[0].endswith("/site-packages/nvidia /nvidia")
    assert environment(cuda)["LD_LIBRARY_PATH"].split(":") == [
        f"/opt/nvidia/{package}/lib" for package in ("cublas", "cuda_nvrtc")
    ]


@pytest.mark.skipif(not _HAS_CUDA, reason="ctranslate2's wheel for this machine cannot compute on a GPU")
def test_what_ctranslate2_opens_on_a_gpu_is_what_the_target_has() -> None:
    """Its wheel links to nothing of CUDA's and opens libraries by name, so a new release shows here what it wants."""
    (library,) = (each for each in files("ctranslate2") or () if each.name.startswith("libctranslate2"))
    binary = Path(str(library.locate())).read_bytes()
    opened = set(re.findall(rb"lib(cublas|cublasLt|cudnn\w*|curand|cufft|cudart)\.so\.(\d+)", binary))
    assert opened == {(b"cublas", b"12")}
    assert "libcublas.so.12" in by_name()["cuda"].all("RUN")[0]
    locked = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    (cublas,) = (package for package in locked if package["name"] == "nvidia-cublas-cu12")
    assert cublas["version"].startswith("12.")
