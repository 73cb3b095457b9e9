"""`python -m tests.bench` is `python -m tests.bench.load`."""

import sys

from tests.bench.load import main

sys.exit(main())
