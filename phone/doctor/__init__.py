"""The doctor: everything that a login needs, looked at line by line."""
