#!/usr/bin/env bash
# apt-get install, as root or through sudo; says what to type where it may do neither.
set -euo pipefail

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "Root is needed once. Please run: apt-get install $*" >&2
        exit 1
    fi
    as_root=(sudo)
fi

export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q
"${as_root[@]}" apt-get install -y -q --no-install-recommends "$@"
