"""Dates and times as the audit trail needs them: to the second, and read alike by everybody."""
