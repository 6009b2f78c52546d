#!/usr/bin/env bash
# The Debian programs behind the embedded engines and the demo's voices. Installs only what is missing.
set -euo pipefail

packages=(flite espeak-ng apertium apertium-eng-cat apertium-spa-cat apertium-eng-spa)

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

if ! command -v dpkg-query >/dev/null; then
    echo "This is not a Debian system. Please install these yourself: ${packages[*]}" >&2
    exit 1
fi

missing=()
for package in "${packages[@]}"; do
    installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "── Debian packages: ${missing[*]}"
exec bash "$(dirname "$0")/apt.sh" "${missing[@]}"
