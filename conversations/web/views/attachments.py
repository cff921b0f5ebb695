"""Upload pictures, and show them to nobody but their owner and, signed, to the provider."""

from __future__ import annotations

import time
from urllib.parse import unquote
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from conversations import access, conf, limits, presentation
from conversations.actions import attachments as verbs
from conversations.errors import Invalid, RateLimited, TooLong
from conversations.generation import pictures
from conversations.models import Attachment
from conversations.pictures import remake_in_process
from conversations.web.people import PersonRequest, for_people

_FOREVER = "private, max-age=31536000, immutable"
_SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@require_POST
@for_people
def upload(request: PersonRequest) -> HttpResponse:
    """Take one picture: the body is the file as it is, ``X-File-Name`` its percent-encoded name."""
    _check_speed(request.user.pk)
    bounds = conf.pictures()
    too_large = TooLong("This file is larger than {size} MB.", size=bounds.upload_bytes // 1024**2)
    if int(request.headers.get("Content-Length") or 0) > bounds.upload_bytes:
        raise too_large

    def read() -> bytes:
        content = request.read(bounds.upload_bytes + 1)
        if len(content) > bounds.upload_bytes:
            raise too_large
        if not content:
            raise Invalid("This file is empty.")
        return bytes(content)

    made = remake_in_process(read, longest=bounds.longest_side, most_pixels=bounds.most_pixels)
    name = unquote(request.headers.get("X-File-Name", ""))
    return _told(verbs.keep_picture(request.user, name, made))


@require_POST
@for_people
def address(request: PersonRequest) -> HttpResponse:
    """Take the public address of a picture in place of a file."""
    _check_speed(request.user.pk)
    return _told(verbs.keep_address(request.user, request.POST.get("address", "")))


@require_safe
@for_people
def picture(request: PersonRequest, attachment: UUID) -> HttpResponse:
    found = access.attachment_for(request.user, attachment)
    return file_response(found, found.picture_file, found.media_type, _FOREVER)


@require_safe
@for_people
def thumbnail(request: PersonRequest, attachment: UUID) -> HttpResponse:
    found = access.attachment_for(request.user, attachment)
    return file_response(found, found.thumbnail_file, "image/webp", _FOREVER)


@require_safe
def signed(request: HttpRequest, token: str) -> HttpResponse:
    """Show a picture to whoever holds a fresh signed address: the provider that was sent it."""
    found = pictures.signed_attachment(token)
    if found is None:
        raise Http404
    return file_response(found, found.picture_file, found.media_type, "private, no-store")


def _told(attachment: Attachment) -> JsonResponse:
    return JsonResponse(presentation.picture(attachment).to_json(), status=201)


def file_response(attachment: Attachment, file: str, media_type: str, caching: str) -> HttpResponse:
    """Send one of the files of a picture, as something that can do nothing."""
    if attachment.address:
        raise Http404
    try:
        content = attachment.read(file)
    except FileNotFoundError:
        raise Http404 from None
    response = HttpResponse(content, content_type=media_type)
    response["Cache-Control"] = caching
    response["Content-Disposition"] = content_disposition_header(False, attachment.name) or "inline"
    response["Content-Security-Policy"] = _SANDBOX
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _check_speed(user: UUID) -> None:
    per_minute = conf.pictures().uploads_per_minute
    burst = max(10, per_minute // 2)
    if not limits.uploads.take(user, time.monotonic(), per_minute=per_minute, burst=burst):
        raise RateLimited("These are more uploads than the site takes. Wait a moment, then try again.")
