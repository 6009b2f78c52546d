"""Who is calling, as the server's log sees it."""

from __future__ import annotations

import platform

VERSION = "0.1.0"
USER_AGENT = f"kallglot-python/{VERSION} ({platform.python_implementation()} {platform.python_version()})"
