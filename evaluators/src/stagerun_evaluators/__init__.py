"""Judges model-written code: `judge` makes verdicts, `keeper` runs processes within limits, `python` describes a language.

Nothing is imported here: the keeper's processes start from this package and must stay small.
"""
