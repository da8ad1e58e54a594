"""`make bench`: figures, each beside a peer or a limit measured in the same run."""
