"""The people of the socket benches: many, with sessions, in companies."""

import uuid

from bench.companies import connect, make_people, sign_in
from bench.sockets.load import Seat

# So many use one Twilio account, and see of each other whether they are there.
COMPANY = 20


def make_seats(number: int) -> list[Seat]:
    """A person for each, signed in, with a page that was never open."""
    users = make_people(number)
    connect(users, company=COMPANY)
    return [Seat(key, str(uuid.uuid4())) for key in sign_in(users)]
