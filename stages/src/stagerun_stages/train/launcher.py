"""`python -m stagerun_stages.train.launcher PROCESSES FOLDER`: torchrun, and a word on how its processes ended.

torchrun itself tells that in its log only, as a text. Here it is one line of JSON on standard output, for stagerun.worker.ranks.
"""

from __future__ import annotations

import json
import sys


def main(processes: str, folder: str) -> int:
    """Start the processes and wait for them; 0 when all ended well."""
    from torch.distributed import run
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    here = ["--standalone", "--local-addr", "127.0.0.1", "--nproc-per-node", processes]
    try:
        run.run(run.parse_args([*here, "-m", "stagerun_stages.train.rank", folder]))
    except ChildFailedError as error:
        exits = {rank: failure.exitcode for rank, failure in error.failures.items()}
        sys.stdout.write(json.dumps({"kind": "ranks.died", "exits": exits}) + "\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
