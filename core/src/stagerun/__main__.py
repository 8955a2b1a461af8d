"""`python -m stagerun`."""

import sys

from stagerun.cli import main

sys.exit(main())
