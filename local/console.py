"""The console at `/` of a local stack: the files that Vite built, under a strict policy, and where everything is.

/               → index.html
/assets/{name}  → what it loads; names carry a hash of what is in them
/console.json   → the addresses, and a first call to copy
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from aiohttp import web

from stacks.page_headers import FRESH, KEPT, page_headers

BUILT = Path(".local/built/console")


class Addresses(Protocol):
    @property
    def api_url(self) -> str: ...
    @property
    def stream_url(self) -> str: ...
    @property
    def events_url(self) -> str: ...


class ConsoleMissing(Exception):
    """It has not been built; the message says how."""


@dataclass(frozen=True, slots=True)
class Console:
    """`folder` is what Vite wrote; `headers` go with all of it."""

    folder: Path
    facts: Mapping[str, str]
    headers: Mapping[str, str]


def console(addresses: Addresses, media_url: str, folder: Path = BUILT) -> Console:
    """`media_url` is where recordings are downloaded from. Raises ConsoleMissing."""
    if not (folder / "index.html").is_file():
        raise ConsoleMissing(f"there is no console in {folder}; `make setup` builds it")
    return Console(folder.resolve(), facts(addresses), page_headers(addresses.events_url, [media_url]))


def facts(addresses: Addresses) -> dict[str, str]:
    """No key is among them: whatever runs in a browser here could read it."""
    return {
        "api_url": addresses.api_url,
        "stream_url": addresses.stream_url,
        "events_url": addresses.events_url,
        "curl": curl(addresses.api_url, "$KALLGLOT_API_KEY"),
    }


def add_routes(app: web.Application, shown: Console) -> None:
    fresh = {**shown.headers, "Cache-Control": FRESH}
    kept = {**shown.headers, "Cache-Control": KEPT}

    async def page(_: web.Request) -> web.StreamResponse:
        return web.FileResponse(shown.folder / "index.html", headers=fresh)

    async def told(_: web.Request) -> web.StreamResponse:
        return web.json_response(dict(shown.facts), headers=fresh)

    async def asset(request: web.Request) -> web.StreamResponse:
        # One name, no separator: there is no way out of the folder.
        found = shown.folder / "assets" / request.match_info["name"]
        if not found.is_file():
            raise web.HTTPNotFound(headers=shown.headers)
        return web.FileResponse(found, headers=kept)

    app.router.add_get("/", page)
    app.router.add_get("/console.json", told)
    app.router.add_get(r"/assets/{name:[A-Za-z0-9_-][A-Za-z0-9._-]*}", asset)


def curl(api_url: str, key: str) -> str:
    return (
        f"curl -X POST {api_url}/sessions \\\n"
        f'  -H "Authorization: Bearer {key}" -H "Content-Type: application/json" \\\n'
        """  -d '{"mode": "bidirectional_translation", "source_language": "en", "target_language": "es"}'"""
    )
