"""The `kallglot` command.

Exit codes: 0 done, 1 refused or failed (one line on stderr says why, and what to do), 2 wrong usage, 130 interrupted.
What is asked for goes to stdout, everything else to stderr. `--json` makes stdout one JSON document, or a JSON document
a line where things come one by one. On a terminal there are tables and colours; elsewhere tab-separated lines.
"""

from __future__ import annotations

import sys


def run() -> None:
    """The entry point: this process is the command."""
    # httpx loads a command line of its own wherever click and rich are installed: 0.2 s that nobody here needs.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    from kallglot.cli.main import main  # noqa: PLC0415

    sys.exit(main(sys.argv[1:]))
