"""Mounts the doors."""

from django.contrib import admin
from django.urls import include, path

handler500 = "conversations.web.views.errors.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("", include("conversations.review.urls")),
    path("", include("conversations.web.urls")),
]
