"""Why a call ended: the causes and their words, what they are told from, and who is told."""
