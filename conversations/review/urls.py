"""Addresses of the desk."""

from django.urls import include, path

from conversations.review import cases, log, views

review = [
    path("", views.conversations, name="list"),
    path("export", views.export, name="export"),
    path("queue", cases.queue, name="queue"),
    path("cases/<uuid:case>", cases.case, name="case"),
    path("c/<uuid:conversation>/flag", cases.flag, name="flag"),
    path("c/<uuid:conversation>", views.reason, name="reason"),
    path("openings/<uuid:opening>", views.show, name="transcript"),
    path("openings/<uuid:opening>/pictures/<uuid:attachment>", views.picture, name="picture"),
]
auditing = [
    path("", log.show, name="log"),
    path("export", log.export, name="export"),
]

urlpatterns = [
    path("review/", include((review, "review"))),
    path("audit/", include((auditing, "audit"))),
]
