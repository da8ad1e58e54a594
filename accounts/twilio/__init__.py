"""A person's Twilio account: what they typed, whether it works, what was made there."""
