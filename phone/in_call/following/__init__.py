"""A ring follows its person: a page whose Device registers while a call rings for them is rung, too.

Twilio rings the Devices that are registered when a Dial begins, and none that comes later. So whoever comes
is called by REST, beside the ringing that goes on: nobody else's is broken off for them. Once they answer,
the leg that waits is sent into a room with them, which ends the ringing everywhere else. Decision 34.

A ring that ended with the page it rang in is kept for a moment by `lost.py`, beside this.
"""
