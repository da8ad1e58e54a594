"""Secrets at rest: encryption, and the model field that seals."""
