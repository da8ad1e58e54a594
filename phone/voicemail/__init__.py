"""Voicemail: messages that callers leave."""
