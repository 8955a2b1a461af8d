"""What is on the disk: the run directory, its journal and lock, committed results, checkpoints, cached digests."""
