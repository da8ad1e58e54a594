"""Everything that uses Redis, and how each does without it: docs/decisions/0013-redis-away.md."""
