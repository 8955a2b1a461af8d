"""Turns the stream of events into what a person or a program reads; looks at nothing else but the plan and the record."""
