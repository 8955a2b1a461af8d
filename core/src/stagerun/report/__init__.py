"""The report of a run: one HTML page that needs nothing else, made from the record and the stages' own files."""

from stagerun.report.page import write_report

__all__ = ["write_report"]
