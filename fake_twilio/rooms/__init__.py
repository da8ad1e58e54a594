"""Conferences: who is in a room, who hears whom, and what the customer is told about it.

https://www.twilio.com/docs/voice/twiml/conference and
https://www.twilio.com/docs/voice/api/conference-participant-resource. What these leave open is done so:
SequenceNumber starts at 1; the join that starts a room is told before the start, and each leave before
the end; whoever is added over REST with early media is in the room as soon as their phone rings; whoever
is added and never answers is told of as leaving, and does not end the room by that; a room whose last
voice has left waits for those whose phones still ring.
"""
