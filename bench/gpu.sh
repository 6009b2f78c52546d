#!/usr/bin/env bash
# What the production engines cost on a GPU: the same table as `make bench-engines`, with the sizes that a GPU is for.
# Needs a CUDA driver, and the libraries that CTranslate2 asks for (cuBLAS and cuDNN, from their own packages):
#   bash bench/gpu.sh [--sizes small medium large-v3-turbo] [--json]
set -euo pipefail
cd "$(dirname "$0")/.."
command -v nvidia-smi >/dev/null || { echo "no GPU: nvidia-smi is not here" >&2; exit 1; }
nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv,noheader
libraries=$(.venv/bin/python - <<'PYTHON'
import importlib.util, pathlib
found = importlib.util.find_spec("nvidia")
print(":".join(str(lib) for place in (found.submodule_search_locations if found else ()) for lib in pathlib.Path(place).glob("*/lib")))
PYTHON
)
export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
sizes=(--sizes small medium large-v3-turbo)
[[ " $* " == *" --sizes "* ]] && sizes=()
exec .venv/bin/python -m bench.production --device cuda "${sizes[@]}" "$@"
