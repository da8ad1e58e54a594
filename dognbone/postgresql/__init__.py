"""Django's PostgreSQL backend, with a bound on how long anybody waits for a server that is away.

A database that is away or hung is noticed within two seconds, and nobody waits for it again until a
connection of the watch's own has been answered. See docs/decisions/0012-postgresql-away.md.
"""
