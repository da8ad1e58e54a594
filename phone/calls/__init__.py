"""Calls: the addresses that Twilio asks, what it is answered, and the record of each call."""
