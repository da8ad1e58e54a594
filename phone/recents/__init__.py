"""Recents: every call of a person, as they had it."""
