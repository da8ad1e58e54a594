"""Tokens: proven first, then minted, recorded and handed to a page."""
