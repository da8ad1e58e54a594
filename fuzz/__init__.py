"""Bad input: what nobody would type, at every place that takes any. `python -m fuzz --help`."""
