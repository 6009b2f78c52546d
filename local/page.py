"""The page at `/` of a local stack: where everything is, and a first call to copy."""

from __future__ import annotations

from html import escape
from typing import Protocol

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Kallglot on this machine</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }}
  dt {{ font-weight: 600; margin-top: .6rem; }} dd {{ margin: 0; }}
  code, pre {{ font-family: ui-monospace, monospace; font-size: .9rem; }}
  pre {{ background: #f3f3f3; color: #111; padding: 1rem; overflow-x: auto; border-radius: .4rem; }}
  @media (prefers-color-scheme: dark) {{ body {{ background: #161616; color: #eee; }} }}
</style>
<h1>Kallglot is running</h1>
<p>The same stacks as in AWS, deployed into an emulator on this machine. Stop them with Ctrl-C where they run.</p>
<dl>
  <dt>REST API</dt><dd><code>{api_url}</code></dd>
  <dt>What the API can do</dt><dd><a href="/docs">its documents</a></dd>
  <dt>Audio streams</dt><dd><code>{stream_url}/v1/sessions/&#123;id&#125;/connect</code></dd>
  <dt>Events socket</dt><dd><code>{events_url}</code></dd>
  <dt>API key</dt><dd>in <code>.local/run.json</code>, and on the terminal where the stack runs</dd>
</dl>
<h2>Create a session</h2>
<pre>{curl}</pre>
"""


class Addresses(Protocol):
    @property
    def api_url(self) -> str: ...
    @property
    def stream_url(self) -> str: ...
    @property
    def events_url(self) -> str: ...


def page(addresses: Addresses) -> str:
    """No key stands on it: whatever runs in a browser here could read it."""
    return _PAGE.format(
        api_url=escape(addresses.api_url),
        stream_url=escape(addresses.stream_url),
        events_url=escape(addresses.events_url),
        curl=escape(curl(addresses.api_url, "$KALLGLOT_API_KEY")),
    )


def curl(api_url: str, key: str) -> str:
    return (
        f"curl -X POST {api_url}/sessions \\\n"
        f'  -H "Authorization: Bearer {key}" -H "Content-Type: application/json" \\\n'
        """  -d '{"mode": "bidirectional_translation", "source_language": "en", "target_language": "es"}'"""
    )
