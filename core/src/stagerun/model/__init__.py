"""The nouns that travel: artifacts, fingerprints and sealed folders. Data and pure functions over files, no policy."""

from stagerun.model.artifact import Artifact, parse_reference

__all__ = ["Artifact", "parse_reference"]
