"""The backend of stages that ask for none: this process, nothing set."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from stagerun.contracts import Policy, Probe


@frozen
class PlainBackend:
    """Used where no backend is installed (a stage in a bare environment, tests); torch on one CPU thread, float32."""

    name: str = "plain"
    rank: int = -1

    def probe(self) -> Probe:
        return Probe(available=True, device="this process")

    def environ(self) -> Mapping[str, str]:
        return {}

    def policy(self) -> Policy:
        return Policy(device="cpu", dtype="float32", attention={"*": "eager"}, threads=1)
