"""`python -m stagerun.worker`."""

from stagerun.worker.main import main

main()
