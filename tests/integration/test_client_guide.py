"""docs/client.md is true: its Python runs from top to bottom in one program, its command lines in a shell."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from local import voices
from local.stack import Stack

GUIDE = Path(__file__).parents[2] / "docs" / "client.md"
PATIENCE_S = 120.0


def blocks(language: str) -> Iterator[str]:
    yield from re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text(), re.DOTALL | re.MULTILINE)


def sessions(block: str) -> Iterator[tuple[str, str]]:
    """Each command line behind a `$`, and what is said to come of it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, _, output = part.partition("\n")
        yield line, output


def matches(output: str, said: str) -> bool:
    """`…` stands for anything, also for any number of lines where it is a line of its own."""
    escaped = said.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")
    return fnmatchcase(output, escaped.replace("…\n", "*").replace("…", "*"))


@pytest.fixture
def place(stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a recording of somebody, and a shell that knows the deployment."""
    from kallglot import audio

    audio.write_wav(
        tmp_path / "hello.wav", audio.decode(voices.telephone(voices.CUSTOMER, "Hello, I have a question."))
    )
    monkeypatch.setenv("KALLGLOT_API_URL", stack.addresses.api_url)
    monkeypatch.setenv("KALLGLOT_API_KEY", stack.addresses.api_key)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    return tmp_path


async def run(words: list[str], place: Path) -> str:
    """In a thread: the stack's front door answers on this loop."""
    done = await asyncio.to_thread(
        subprocess.run, words, cwd=place, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 0, f"{words[-1]}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.asyncio(loop_scope="session")
async def test_the_python_of_the_guide_runs_from_top_to_bottom(place: Path) -> None:
    program = "\n\n".join(blocks("python"))
    checks = """
import hashlib, hmac, time
body = b'{"id": "evt_1", "type": "session.ended", "data": {"id": "sess_1", "duration": 1.5}}'
at = str(int(time.time()))
signed = hmac.new(b"whsec_1", at.encode() + b"." + body, hashlib.sha256).hexdigest()
assert webhook(body, f"t={at},v1={signed}", "whsec_1") == 204
assert webhook(body, f"t={at},v1={signed}", "whsec_2") == 400
assert path.stat().st_size > 10_000
assert len(transcript.turns) == 1
"""
    (place / "guide.py").write_text(f"{program}\n{checks}")
    out = await run([sys.executable, "-W", "error", "guide.py"], place)
    assert "customer: " in out and " → " in out
    assert "invalid_language_code source_language req_" in out
    assert "evt_1 sess_1 1.5" in out
    assert "404 session_not_found: no such session" in out
    assert "00:00:0" in out


@pytest.mark.asyncio(loop_scope="session")
async def test_the_command_lines_of_the_guide_say_what_it_says(place: Path) -> None:
    lines = [each for block in blocks("console") for each in sessions(block)]
    assert len(lines) >= 5
    for line, said in lines:
        out = await run(["bash", "-c", line], place)
        assert matches(out, said), f"$ {line}\n{out}\ninstead of\n{said}"


@pytest.mark.parametrize(
    ("output", "said", "fits"),
    [
        ("session\tsess_1\nmore\n", "session\tsess_…\n…\n", True),
        ("session\tsess_1\n", "session\tsess_…\n", True),
        ("agent [es] hola\n", "agent [es] …\n", True),
        ("agent [en] hola\n", "agent [es] …\n", False),
        ("one\ntwo\n", "one\n", False),
    ],
)
def test_what_is_said_of_an_output_is_compared_with_it(output: str, said: str, fits: bool) -> None:
    assert matches(output, said) is fits
