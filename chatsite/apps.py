"""The admin as an application of this site; its class is loaded once the models are."""

from django.contrib.admin.apps import AdminConfig


class ChatAdminConfig(AdminConfig):
    default_site = "chatsite.admin_site.ChatAdminSite"
