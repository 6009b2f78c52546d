"""Whether the figures of a sentence came through its translation. Pure.

A translator that says 15 for 50 does more harm than one that is clumsy, and nobody on the line would notice.
"""

from __future__ import annotations

import re
from collections import Counter

_FIGURE = re.compile(r"\d+(?:[.,:/\u00a0 ]\d+)*")


def figures(text: str) -> Counter[str]:
    """Every number as its bare digits, so that 1,234.50 and 1.234,50 are the same."""
    return Counter(re.sub(r"\D", "", found) for found in _FIGURE.findall(text))


def lost(source: str, translation: str) -> Counter[str]:
    """Figures of the source that the translation does not hold. A number that was written out is one of them."""
    return figures(source) - figures(translation)
