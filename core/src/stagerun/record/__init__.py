"""What a run has come to, folded from its events. Every view of a run (summary, status, report, resume) reads this."""

from stagerun.record.fold import Fold
from stagerun.record.shape import GateRecord, RunInfo, RunRecord, StageRecord

__all__ = ["Fold", "GateRecord", "RunInfo", "RunRecord", "StageRecord"]
