"""Order chats: the list with its folders, tags and archive, and the forms that change it."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlsplit
from uuid import UUID

from asgiref.sync import async_to_sync
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from conversations import access, frames
from conversations.actions import order as verbs
from conversations.errors import ChatError, NotFound
from conversations.failure_words import told
from conversations.generation import publisher
from conversations.generation.registry import registry
from conversations.models import Conversation, Folder, Tag, User
from conversations.protocol import SidebarChanged
from conversations.web import listing as lists
from conversations.web import sidebar
from conversations.web.people import PersonRequest, for_people, is_script
from conversations.web.views.conversations import deleted

_UNDO = "deleted_chats"
_UNDO_SECONDS = 10 * 60


@require_safe
@for_people
def listing(request: PersonRequest) -> HttpResponse:
    """Show chats page by page; ``?part=`` is what the sidebar goes on with (rows), or all of it anew (sidebar)."""
    query = request.GET.dict()
    part, after = query.get("part"), query.get("after", "")
    if part == "rows":
        groups, next_url = sidebar.page_of(request.user, after=after)
        return render(request, "chat/_rows.html", {"groups": groups, "next_url": next_url})
    if part == "sidebar":
        whole = sidebar.whole(
            request.user, open_folders=sidebar.open_folders(request), count=_count(query.get("rows", ""))
        )
        return render(request, "chat/_list.html", {"sidebar": whole})
    scope = lists.scope_of(request.user, query)
    shown = lists.page_of(request.user, scope, after)
    return render(request, "order/list.html", shown | {"undo": _undo(request)})


@require_POST
@for_people
def act(request: PersonRequest) -> HttpResponse:
    """Do the same with all chosen chats; where that is refused, show them again, still chosen."""
    chosen = [_id(one) for one in request.POST.getlist("chat")]
    name = request.POST.get("act", "")
    running = {one: frames.live_messages(one) for one in chosen} if name == "delete" else {}
    try:
        done = verbs.carry_out(
            request.user,
            name,
            chosen,
            folder=_id(request.POST.get("folder")) if request.POST.get("folder") else None,
            new=request.POST.get("name", ""),
            tags=request.POST.get("tags", ""),
        )
    except NotFound:
        raise
    except ChatError as exc:
        if is_script(request):
            raise
        came_from = QueryDict(urlsplit(request.POST.get("next", "")).query).dict()
        scope = lists.scope_of(request.user, came_from)
        shown = lists.page_of(request.user, scope, "")
        draft = {"chosen": set(chosen), "draft": request.POST, "refusal": told(exc)}
        return render(request, "order/list.html", shown | draft, status=exc.status)
    if name == "delete":
        async_to_sync(deleted)(request.user.pk, {one: running[one] for one in done})
        request.session[_UNDO] = {"chats": [str(one) for one in done], "until": time.time() + _UNDO_SECONDS}
    elif name == "restore":
        request.session.pop(_UNDO, None)
        for one in done:
            async_to_sync(registry.announce_conversation)(one)
    announce(request.user)
    count = len(done)
    words = ngettext("Done with {count} chat.", "Done with {count} chats.", count).format(count=count)
    return _done(request, request.POST.get("next", ""), words)


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
def order(request: PersonRequest, conversation: UUID) -> HttpResponse:
    """Show where a chat stands and move it; ``?part=dialog`` is the inside of a page."""
    found = access.conversation_for(request.user, conversation)
    if request.method != "POST":
        return _order(request, found)
    try:
        _arrange(request, conversation)
    except NotFound:
        raise
    except ChatError as exc:
        if is_script(request):
            raise
        return _order(request, found, refusal=told(exc), draft=request.POST, status=exc.status)
    announce(request.user)
    return _done(request, reverse("chat:order", args=[conversation]), gettext("Saved."))


def _arrange(request: PersonRequest, conversation: UUID) -> None:
    """What a form does not name stays as it is."""
    fields = request.POST
    folder = fields.get("folder")
    verbs.arrange(
        request.user,
        conversation,
        folder=None if folder is None else (_id(folder) if folder else verbs.NO_FOLDER),
        new=fields.get("name", ""),
        tags=fields.get("tags"),
    )


def _order(request: PersonRequest, found: Conversation, *, status: int = 200, **more: object) -> HttpResponse:
    is_dialog = request.GET.get("part") == "dialog"
    context = {
        "conversation": found,
        "folders": Folder.objects.owned_by(request.user).order_by("position", "id"),
        "tags": ", ".join(found.tags.order_by("name").values_list("name", flat=True)),
        "all_tags": Tag.objects.owned_by(request.user).order_by("name"),
        "is_dialog": is_dialog,
        **more,
    }
    return render(request, "order/_form.html" if is_dialog else "order/form.html", context, status=status)


@require_POST
@for_people
def pin(request: PersonRequest, conversation: UUID) -> HttpResponse:
    return _changed(request, conversation, verbs.pin)


@require_POST
@for_people
def unpin(request: PersonRequest, conversation: UUID) -> HttpResponse:
    return _changed(request, conversation, verbs.unpin)


@require_POST
@for_people
def archive(request: PersonRequest, conversation: UUID) -> HttpResponse:
    return _changed(request, conversation, verbs.archive)


@require_POST
@for_people
def unarchive(request: PersonRequest, conversation: UUID) -> HttpResponse:
    return _changed(request, conversation, verbs.unarchive)


@require_POST
@for_people
def seen(request: PersonRequest, conversation: UUID) -> HttpResponse:
    """Note that the page has shown the last answer."""
    if verbs.mark_seen(request.user, conversation):
        async_to_sync(registry.announce_conversation)(conversation)
    return _done(request, reverse("chat:order", args=[conversation]))


# Folders and tags


@require_POST
@for_people
def create_folder(request: PersonRequest) -> HttpResponse:
    made = verbs.create_folder(request.user, request.POST.get("name", ""))
    announce(request.user)
    return _done(request, lists.Scope(folder=made).url)


@require_POST
@for_people
def rename_folder(request: PersonRequest, folder: UUID) -> HttpResponse:
    found = access.folder_for(request.user, folder)
    name = request.POST.get("name", "")
    try:
        verbs.rename_folder(request.user, folder, name)
    except NotFound:
        raise
    except ChatError as exc:
        if is_script(request):
            raise
        shown = lists.page_of(request.user, lists.Scope(folder=found), "")
        more = {"folder_name": name, "refusal": told(exc)}
        return render(request, "order/list.html", shown | more, status=exc.status)
    announce(request.user)
    return _done(request, lists.Scope(folder=found).url, gettext("Saved."))


@require_POST
@for_people
def shift_folder(request: PersonRequest, folder: UUID) -> HttpResponse:
    """Move a folder up, or down where the form says so."""
    verbs.shift_folder(request.user, folder, 1 if request.POST.get("to") == "down" else -1)
    announce(request.user)
    return _done(request, lists.Scope(folder=access.folder_for(request.user, folder)).url, gettext("Saved."))


@require_POST
@for_people
def delete_folder(request: PersonRequest, folder: UUID) -> HttpResponse:
    verbs.delete_folder(request.user, folder)
    announce(request.user)
    return _done(request, reverse("chat:list"), gettext("The folder is deleted, its chats are kept."))


@require_POST
@for_people
def delete_tag(request: PersonRequest, tag: UUID) -> HttpResponse:
    verbs.delete_tag(request.user, tag)
    return _done(request, reverse("chat:list"), gettext("The tag is gone, its chats are kept."))


# Internal


def _undo(request: PersonRequest) -> list[str]:
    """Return the chats that were deleted together a short time ago."""
    last = request.session.get(_UNDO)
    return list(last["chats"]) if last and last["until"] > time.time() else []


def _changed(request: PersonRequest, conversation: UUID, verb: Callable[[User, UUID], None]) -> HttpResponse:
    verb(request.user, conversation)
    announce(request.user)
    return _done(request, reverse("chat:order", args=[conversation]), gettext("Saved."))


def announce(user: User) -> None:
    """Tell all pages of a person that their list has changed."""
    async_to_sync(_tell)(user.pk)


async def _tell(user: UUID) -> None:
    publisher.tell_person(user, SidebarChanged())


def _done(request: PersonRequest, then: str, words: str = "") -> HttpResponse:
    if is_script(request):
        return HttpResponse(status=204)
    if words:
        messages.success(request, words)
    is_ours = url_has_allowed_host_and_scheme(then, allowed_hosts=None)
    return redirect(then if then and is_ours else reverse("chat:list"))


def _id(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError as exc:
        raise NotFound from exc


def _count(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) < 6
    return min(max(int(text), sidebar.PAGE), sidebar.MOST) if is_number else sidebar.PAGE
