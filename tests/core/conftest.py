"""Property tests give the same answer on every machine: fixed examples, no time limit, no example database."""

from hypothesis import settings

settings.register_profile("stagerun", derandomize=True, database=None, deadline=None, max_examples=60)
settings.load_profile("stagerun")
