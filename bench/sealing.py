"""Sealing and opening a secret, beside MultiFernet, which binds a value to no row."""

from cryptography.fernet import Fernet, MultiFernet

from accounts.sealing.encryption import open_sealed, seal
from bench.timing import Timing, ratio, tell, time_together

PLACE = "accounts.TwilioCredentials:auth_token:00000000-0000-0000-0000-000000000000"
SECRET = "s" * 32
TIMES = 200
ROUNDS = 50


def run() -> None:
    fernet = MultiFernet([Fernet(Fernet.generate_key())])
    sealed, token = seal(SECRET, place=PLACE), fernet.encrypt(SECRET.encode())
    print(f"\nSealing a secret of {len(SECRET)} characters")
    ours, peer = time_together(
        lambda: [seal(SECRET, place=PLACE) for _ in range(TIMES)],
        lambda: [fernet.encrypt(SECRET.encode()) for _ in range(TIMES)],
        rounds=ROUNDS,
    )
    tell_one("seal", ours, peer)
    ours, peer = time_together(
        lambda: [open_sealed(sealed, place=PLACE) for _ in range(TIMES)],
        lambda: [fernet.decrypt(token) for _ in range(TIMES)],
        rounds=ROUNDS,
    )
    tell_one("open", ours, peer)


def tell_one(name: str, ours: Timing, peer: Timing) -> None:
    figure = f"median {ours.median * 1000 / TIMES:5.1f} µs"
    tell(name, figure, ratio(ours.median, peer.median, "MultiFernet"))
