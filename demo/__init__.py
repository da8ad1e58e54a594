"""`make run`: the product on this machine, with a fake Twilio and people whose password is known."""
