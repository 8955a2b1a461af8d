"""The only part that acts: runs a plan, one attempt at a time for each stage, and says everything as events."""
