"""The pane of a company: who has a phone on the connection, and what their owner decides."""
