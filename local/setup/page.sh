#!/usr/bin/env bash
# Redoc, which draws the page of the API: one file out of its npm package, by version and checksum, so that nothing of
# the page comes from anywhere but here. Its dependencies are inside that file.
set -euo pipefail

package=redoc@3.0.1
checksum=KDfoKaYW19LCl4YStgBnwlaNjYEFfs5zCNt1s1WZ2YM5u8d26Yuzd2l43fZO851ZsgIMe/D640fDJkD8eaRQKQ==

mkdir -p .local
scratch="$(mktemp -d .local/page-XXXXXX)"
trap 'rm -rf "$scratch"' EXIT
echo "── $package"
archive="$scratch/$(npm pack --silent --pack-destination "$scratch" "$package")"
found="$(openssl dgst -sha512 -binary "$archive" | base64 -w 0)"
if [ "$found" != "$checksum" ]; then
    echo "$package is not what it was when it was chosen: sha512 $found" >&2
    exit 1
fi
tar -xzf "$archive" -C "$scratch" package/bundles/redoc.standalone.js package/LICENSE
mkdir -p .local/page
mv "$scratch/package/bundles/redoc.standalone.js" .local/page/redoc.js
mv "$scratch/package/LICENSE" .local/page/redoc.LICENSE.txt
