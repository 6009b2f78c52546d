#!/usr/bin/env bash
# What tests of SIP need and nothing else does: SIPp, which calls by scenario, and baresip, a real telephone.
set -euo pipefail

missing=()
command -v sipp >/dev/null || missing+=(sip-tester)
command -v baresip >/dev/null || missing+=(baresip-core)
[ ${#missing[@]} -eq 0 ] && exit 0

echo "── Telephones: ${missing[*]}"
exec bash "$(dirname "$0")/apt.sh" "${missing[@]}"
