"""Contacts in files: CSV and vCard, read and written, and the import of one that somebody has sent."""
