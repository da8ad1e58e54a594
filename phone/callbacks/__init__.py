"""What Twilio asks and tells: each request goes to the subject that knows."""
