#!/usr/bin/env bash
# uv, the one tool that installs everything else. A recent one on PATH is used as it is;
# otherwise a pinned one goes into .local/uv, which the Makefile puts in front of PATH.
set -euo pipefail

pinned=0.13.8
oldest=0.13.0

version="$(uv --version 2>/dev/null | cut -d ' ' -f 2)" || version=""
if [ -n "$version" ] && printf '%s\n%s\n' "$oldest" "$version" | sort -V -C; then
    exit 0
fi

echo "── uv $pinned"
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    bash "$(dirname "$0")/apt.sh" python3-venv
fi
python3 -m venv --clear .local/uv
.local/uv/bin/python -m pip install --quiet "uv==$pinned"
