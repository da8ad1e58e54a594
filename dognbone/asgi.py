"""The ASGI application: Django for HTTP, Channels for the Device's socket.

It refuses to load with settings that `checks.py` calls wrong.
"""

import os
import sys
from multiprocessing import parent_process

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dognbone.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from django.core.exceptions import ImproperlyConfigured
from uvicorn.config import STARTUP_FAILURE

from dognbone.checks import stop_on_errors

try:
    stop_on_errors()
except ImproperlyConfigured as fault:
    if parent_process() is None:
        raise
    # uvicorn starts a worker that fails anew without end, but for one that ends like this.
    print(fault, file=sys.stderr)
    sys.exit(STARTUP_FAILURE)

from channels.routing import ProtocolTypeRouter, URLRouter

from dognbone.headers import Headers
from dognbone.lifespan import lifespan
from dognbone.long_addresses import RefuseLongAddresses
from dognbone.request_log import RequestLog
from dognbone.serving import serving
from dognbone.token_requests import TokenRequests
from dognbone.webhook_bodies import WebhookBodies
from dognbone.webhook_requests import WebhookRequests
from phone.device.doorway import Doorway
from phone.device.routing import websocket_urlpatterns

router = ProtocolTypeRouter(
    {
        "http": TokenRequests(WebhookBodies(WebhookRequests(django_application))),
        "websocket": Doorway(URLRouter(websocket_urlpatterns), is_closed=lambda: serving.is_held_back),
        "lifespan": lifespan,
    }
)
application = RequestLog(Headers(RefuseLongAddresses(router)))
