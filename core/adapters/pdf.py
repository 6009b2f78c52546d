"""PDFs, read by a program of its own: a file that takes for ever, or all memory, ends with that program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from core.knowledge_ports import UnreadableDocument

_PROGRAM = "core.adapters.pdf_program"


@dataclass(frozen=True, slots=True)
class PdfProgram:
    """`memory_bytes`: of address space, with what the interpreter itself takes."""

    timeout_s: float = 90.0
    memory_bytes: int = 768 * 1024 * 1024
    most_pages: int = 1_000
    most_characters: int = 8_000_000

    def __call__(self, content: bytes, /) -> Sequence[str]:
        limits = [str(each) for each in (self.memory_bytes, self.most_pages, self.most_characters)]
        try:
            done = subprocess.run(
                [sys.executable, "-m", _PROGRAM, *limits],
                input=content,
                capture_output=True,
                timeout=self.timeout_s,
                check=False,
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.environ.get("PATH", "")},
            )
        except subprocess.TimeoutExpired:
            raise UnreadableDocument(f"The PDF was not read within {self.timeout_s:.0f} seconds.") from None
        if done.returncode != 0:
            raise UnreadableDocument("The PDF cannot be read: it is damaged, or takes too much memory.")
        return _pages(json.loads(done.stdout))


def _pages(answer: dict[str, object]) -> Sequence[str]:
    if "refused" in answer:
        raise UnreadableDocument(str(answer["refused"]))
    pages = answer["pages"]
    if not isinstance(pages, list):
        raise TypeError("the program answered with something else")
    return [str(page) for page in pages]
