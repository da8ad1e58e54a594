"""A company: who has a phone on one Twilio connection, and what each of them may do."""
