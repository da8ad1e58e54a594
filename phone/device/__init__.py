"""The Device in a person's browser: its socket, its audit trail, whether it is there."""
