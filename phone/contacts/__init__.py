"""Whom a person knows: contacts of their own, contacts of the company, and callers who are not wanted."""
