"""The files that are made from the code, and kept beside it so that a change of the contract is seen in review."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from lambdas.rest.documents import FOLDER
from reference import errors, openapi

FILES: Mapping[Path, Callable[[], str]] = MappingProxyType(
    {
        FOLDER / "openapi.json": lambda: json.dumps(openapi.document(), indent=1, ensure_ascii=False) + "\n",
        FOLDER / "errors.md": errors.markdown,
        FOLDER / "page" / "errors.html": errors.page,
    }
)
