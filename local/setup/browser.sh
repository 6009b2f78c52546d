#!/usr/bin/env bash
# What tests in a browser need and nothing else does: Debian's Chromium, and Playwright to drive it.
set -euo pipefail

if ! command -v chromium >/dev/null; then
    echo "── Chromium"
    bash "$(dirname "$0")/apt.sh" chromium
fi
echo "── Playwright"
uv sync --frozen --inexact --group browser
