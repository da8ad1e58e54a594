"""Faults under load, and a count of what they cost: `python -m soak`."""
