"""The composition root: pages by Django, the websocket by Channels. Origin and session are the consumer's to check."""

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

django_application = get_asgi_application()

from chatsite.proxied import Proxied  # noqa: E402
from conversations.realtime.routing import websocket_urlpatterns  # noqa: E402 – needs the applications loaded

application = Proxied(
    ProtocolTypeRouter({"http": django_application, "websocket": URLRouter(websocket_urlpatterns)}),
    settings.BEHIND_PROXY,
)
