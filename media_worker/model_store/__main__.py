"""`python -m media_worker.model_store`: as `kallglot models`."""

import sys

from media_worker.model_store.command import main

sys.exit(main(sys.argv[1:]))
