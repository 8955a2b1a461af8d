"""Checks of the machine that need to know of the hub, of trackers or of attention. Light: no training library is imported."""
