"""The ASGI application: Django for HTTP, Channels for the Device's socket.

It refuses to load with settings that `checks.py` calls wrong.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dognbone.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from dognbone.checks import stop_on_errors

stop_on_errors()

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter

from dognbone.lifespan import lifespan
from phone.device.routing import websocket_urlpatterns

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": AuthMiddlewareStack(URLRouter(websocket_urlpatterns)),
        "lifespan": lifespan,
    }
)
