from tests.integration.in_call.conftest import (
    account,
    fake,
    members,
    open_device,
    open_peer,
    package,
    site,
    stage,
    worker,
)

__all__ = [
    "account",
    "fake",
    "members",
    "open_device",
    "open_peer",
    "package",
    "site",
    "stage",
    "worker",
]
