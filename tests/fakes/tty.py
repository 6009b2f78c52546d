"""A terminal that keeps what was written to it."""

from __future__ import annotations

import re
from io import StringIO


class Tty(StringIO):
    def isatty(self) -> bool:
        return True

    @property
    def text(self) -> str:
        """What stays: of a line that was erased what came after it; no colours, no blanks that fill lines up."""
        lines = (line.rpartition("\x1b[2K")[2] for line in self.getvalue().splitlines())
        return "\n".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", line).rstrip() for line in lines)
