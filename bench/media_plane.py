"""What a frame costs the media worker, and how many streams a core carries (engines stubbed, the rest as it is)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from bench.load import load, our_worker


def measure(*, quick: bool, preferred: bool) -> dict[str, Any]:
    """Few calls, many calls, and (unless `quick`) the most that stay within the limit; JSON dialect."""
    server = our_worker("json")
    with load(preferred=preferred) as bench:
        few, many = bench.measure(server, 30), bench.measure(server, 250)
        best, climbed = (None, []) if quick else bench.most(server, start=150)
    return {
        "few": asdict(few),
        "many": asdict(many),
        "mb_per_call": (many.rss_mb - few.rss_mb) / (many.calls - few.calls),
        "most": asdict(best) if best else None,
        "climbed": [asdict(figure) for figure in climbed],
    }
