"""What a seat does in a day, and how much of it is played here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Doings:
    """Of one seat. A call is three webhooks of Twilio's and two reports of the page."""

    heartbeats: int
    calls: int
    renewals: int


# Nine hours with a heartbeat every 15 s and a token an hour; every day has one deploy and one outage.
REAL = Doings(heartbeats=2160, calls=20, renewals=8)
PLAYED = Doings(heartbeats=24, calls=1, renewals=1)
# Heartbeats, tokens and calls each within so many seconds, whatever the number of seats.
WORK_SECONDS = 15.0
# Pages whose socket is lost dial again within so many seconds, each after a while of its own.
BACK_WITHIN = 3.0
