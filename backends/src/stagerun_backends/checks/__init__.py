"""Checks of the machine that need to know of a kind of hardware. Light: torch is not imported here either."""
