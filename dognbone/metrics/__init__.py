"""`/metrics`: what the processes count, and what the database knows, as Prometheus reads it."""
