"""The Device's socket."""

from django.urls import path

from phone.device.consumers import DeviceConsumer

websocket_urlpatterns = [path("ws/device/", DeviceConsumer.as_asgi())]
