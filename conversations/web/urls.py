"""Addresses of pages and forms."""

from django.urls import include, path

from conversations.web.views import (
    attachments,
    conversations,
    export,
    feedback,
    imports,
    invitations,
    messages,
    order,
    person,
    search,
    sharing,
    site,
    turns,
    usage,
    welcome,
    writing,
)
from conversations.web.views import settings as sections

chat = [
    path("", conversations.new, name="new"),
    path("c/<uuid:conversation>", conversations.show, name="show"),
    path("c/<uuid:conversation>/contents", conversations.contents, name="contents"),
    path("c/<uuid:conversation>/rename", conversations.rename, name="rename"),
    path("c/<uuid:conversation>/delete", conversations.delete, name="delete"),
    path("c/<uuid:conversation>/restore", conversations.restore, name="restore"),
    path("c/<uuid:conversation>/leave", conversations.leave, name="leave"),
    path("c/<uuid:conversation>/select", conversations.select, name="select"),
    path("c/<uuid:conversation>/share", sharing.share, name="share"),
    path("c/<uuid:conversation>/export", export.choose, name="export"),
    path("c/<uuid:conversation>/export/<str:form>", export.file, name="export_file"),
    path("c/<uuid:conversation>/print", export.on_paper, name="print"),
    path("c/<uuid:conversation>/order", order.order, name="order"),
    path("c/<uuid:conversation>/pin", order.pin, name="pin"),
    path("c/<uuid:conversation>/unpin", order.unpin, name="unpin"),
    path("c/<uuid:conversation>/archive", order.archive, name="archive"),
    path("c/<uuid:conversation>/unarchive", order.unarchive, name="unarchive"),
    path("c/<uuid:conversation>/seen", order.seen, name="seen"),
    path("chats", order.listing, name="list"),
    path("chats/act", order.act, name="act"),
    path("c/<uuid:conversation>/tune", writing.tune, name="tune"),
    path("draft", writing.draft, name="draft"),
    path("send", messages.send, name="send"),
    path("preferences", site.preferences, name="preferences"),
]
folder = [
    path("new", order.create_folder, name="create"),
    path("<uuid:folder>/rename", order.rename_folder, name="rename"),
    path("<uuid:folder>/shift", order.shift_folder, name="shift"),
    path("<uuid:folder>/delete", order.delete_folder, name="delete"),
]
settings = [
    path("", sections.show, name="show"),
    path("reading", sections.reading, name="reading"),
    path("chat", sections.chat, name="chat"),
    path("export", export.chats, name="export"),
    path("export/archive", export.archive, name="archive"),
    path("data", imports.show, name="data"),
    path("import", imports.bring, name="import"),
    path("import/take", imports.take, name="take"),
    path("import/discard", imports.discard, name="discard"),
    path("prompts", writing.prompts, name="prompts"),
    path("prompts/<uuid:prompt>", writing.prompt, name="prompt"),
    path("prompts/<uuid:prompt>/delete", writing.delete_prompt, name="delete_prompt"),
    path("presets/<uuid:preset>/delete", writing.delete_preset, name="delete_preset"),
    path("links", sharing.links, name="links"),
    path("links/<uuid:link>/revoke", sharing.revoke, name="revoke"),
    path("delete", person.delete, name="delete"),
]
finding = [
    path("search", search.show, name="show"),
    path("shortcuts", search.shortcuts, name="shortcuts"),
]
share = [
    path("<str:token>", sharing.show, name="show"),
    path("<str:token>/copy", sharing.copy, name="copy"),
    path("<str:token>/<int:number>/<int:position>", sharing.picture, name="picture"),
    path("<str:token>/<int:number>/<int:position>/thumbnail", sharing.thumbnail, name="thumbnail"),
]
usages = [
    path("", usage.show, name="show"),
    path("bill", usage.bill, name="bill"),
]
message = [
    path("<uuid:message>/edit", messages.edit, name="edit"),
    path("<uuid:message>/regenerate", messages.regenerate, name="regenerate"),
    path("<uuid:message>/continue", messages.go_on, name="continue"),
    path("<uuid:message>/rate", feedback.rate, name="rate"),
    path("<uuid:message>/tell", feedback.tell, name="tell"),
    path("<uuid:message>/stop", messages.stop, name="stop"),
    path("<uuid:message>/more", turns.more, name="more"),
    path("<uuid:message>/fork", turns.fork, name="fork"),
    path("<uuid:message>/delete", turns.delete, name="delete"),
]
attachment = [
    path("attachments", attachments.upload, name="upload"),
    path("attachments/address", attachments.address, name="address"),
    path("attachments/<uuid:attachment>", attachments.picture, name="picture"),
    path("attachments/<uuid:attachment>/thumbnail", attachments.thumbnail, name="thumbnail"),
    path("pictures/<str:token>", attachments.signed, name="signed"),
]

urlpatterns = [
    path("", include((chat, "chat"))),
    path("folders/", include((folder, "folder"))),
    path("tags/<uuid:tag>/delete", order.delete_tag, name="delete_tag"),
    path("m/", include((message, "message"))),
    path("", include((attachment, "attachment"))),
    path("", include((finding, "search"))),
    path("settings/", include((settings, "settings"))),
    path("share/", include((share, "share"))),
    path("usage/", include((usages, "usage"))),
    path("invitation/<str:token>", invitations.accept, name="invitation"),
    path("manifest.webmanifest", site.manifest, name="manifest"),
    path("report", site.report, name="report"),
    path("welcome/<str:token>", welcome.welcome, name="welcome"),
    path("healthz", site.healthz, name="healthz"),
    path("readyz", site.readyz, name="readyz"),
]
