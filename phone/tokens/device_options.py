"""The options of the page's `new Twilio.Device(token, options)`.

https://twilio.github.io/twilio-voice.js/interfaces/Device.Options.html; `chunderw` and `publishEvents`
are the SDK's own internal ones and are there only for a stand-in on this machine.
"""

from functools import cache
from typing import Any

from django.conf import settings
from django.templatetags.static import static

from accounts.regions import EDGES

SOUNDS = (
    *("incoming", "outgoing", "disconnect"),
    *(f"dtmf{digit}" for digit in "0123456789sh"),
)


def build_device_options(region: str) -> dict[str, Any]:
    """Options for a Device whose credentials live in `region` (us1, ie1, au1); times in ms."""
    options: dict[str, Any] = {
        # Without it a wrong secret reaches the page as a bare 53000.
        "enableImprovedSignalingErrorPrecision": True,
        "maxCallSignalingTimeoutMs": 30_000,
        "tokenRefreshMs": 30_000,
        "closeProtection": True,
        "sounds": build_sounds(),
    }
    if region in EDGES:
        options["edge"] = EDGES[region]
    if settings.TWILIO_SIGNALLING:
        options |= {"chunderw": settings.TWILIO_SIGNALLING, "publishEvents": False}
    return options


@cache
def build_sounds() -> dict[str, str]:
    """Addresses of our own sounds by the SDK's names, so that nothing is fetched from elsewhere."""
    return {name: static(f"phone/sounds/{name}.wav") for name in SOUNDS}
