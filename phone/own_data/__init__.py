"""What a person may do with all that is theirs: take it along, and delete it with their account."""
