"""Where the websocket lives."""

from django.urls import path

from conversations.realtime.consumers import ChatConsumer

websocket_urlpatterns = [path("ws/", ChatConsumer.as_asgi())]
