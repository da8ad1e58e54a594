"""Tests of the connection that people run on their page: what each line says, and what is kept of them."""
