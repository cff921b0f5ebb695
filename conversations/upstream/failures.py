"""From a provider's bad answer to one ``UpstreamError``: which code, whose words, which trace id.

Providers agree on nothing but HTTP status, so the code is looked for in this order: the error's own code,
where it is one we know; the words of its message, where the status leaves room for doubt; the status.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from conversations.upstream.deltas import NotAChunk, parse_object
from conversations.upstream.errors import UpstreamError
from conversations.upstream.retries import retry_after
from conversations.upstream.secrecy import one_line, without

_KNOWN: Final = {
    "invalid_key": """invalid_api_key invalid_token invalid_authentication authentication_error unauthorized
        unauthenticated token_expired api_key_expired missing_api_key""",
    "quota_exceeded": """insufficient_quota quota_exceeded billing_hard_limit_reached billing_not_active used_up
        payment_required insufficient_balance insufficient_user_quota insufficient_credits arrearage
        credit_balance_too_low""",
    "rate_limited": """rate_limit_exceeded rate_limit_error rate_limit_reached rate_limited too_many_requests
        throttling throttling_error""",
    "forbidden": """permission_denied permission_error access_denied forbidden
        unsupported_country_region_territory""",
    "model_not_found": "model_not_found model_not_exist invalid_model unknown_model deploymentnotfound",
    "context_too_long": """context_length_exceeded exceed_context_size_error context_window_exceeded
        string_above_max_length request_too_large""",
    "content_filtered": """content_filter content_policy_violation responsibleaipolicyviolation
        data_inspection_failed moderation_blocked prompt_blocked""",
    "provider_error": "overloaded_error engine_overloaded server_overloaded service_unavailable model_overloaded",
}
_BY_CODE: Final = {word: code for code, words in _KNOWN.items() for word in words.split()}

_BY_WORDS: Final = tuple(
    (code, statuses, re.compile(pattern, re.IGNORECASE))
    for code, statuses, pattern in (
        (
            "quota_exceeded",
            {None, 400, 402, 403, 429},
            r"insufficient[ _](quota|balance|credit|fund)|exceeded your current quota|out of credits"
            r"|credit balance|billing|balance is (too low|not enough|used up)|quota.{0,20}(exhaust|used up)",
        ),
        (
            "context_too_long",
            {None, 400, 413, 422},
            r"context[ _](length|window|size)|maximum context|too many tokens|(prompt|input) is too long"
            r"|reduce the length|exceeds? the (maximum|available|model).{0,40}(token|context|length)",
        ),
        (
            "content_filtered",
            {None, 400, 403, 422},
            r"content (management )?polic|content[ _]filter|safety (system|polic)|inappropriate content"
            r"|flagged by.{0,20}moderation|responsible ai",
        ),
        (
            "invalid_key",
            {None, 400, 403},
            r"(invalid|incorrect|missing|expired|wrong|no valid).{0,20}(api[ _-]?key|credentials|authorization)"
            r"|api[ _-]?key not valid",
        ),
        (
            "model_not_found",
            {None, 400, 403, 404, 422},
            r"\bmodels?\b.{0,120}(does not exist|do not exist|not found|not exist|unknown|not available"
            r"|not a valid)|(unknown|invalid|no such|unsupported) model|not a valid model"
            r"|no endpoints found|deployment.{0,40}does not exist",
        ),
        ("rate_limited", {None, 403}, r"rate[ _-]?limit|too many requests"),
    )
)

_BY_STATUS: Final = {
    401: "invalid_key",
    402: "quota_exceeded",
    403: "forbidden",
    404: "unreachable",  # an address without a Chat Completions service; a missing model says so in words
    408: "provider_error",
    409: "provider_error",
    413: "context_too_long",
    425: "provider_error",
    429: "rate_limited",
}
_HOPELESS: Final = frozenset({404, 501, 505})

_TRACE_HEADERS: Final = (
    "x-trace-id",
    "trace-id",
    "x-request-id",
    "request-id",
    "apim-request-id",
    "x-ms-request-id",
    "x-amzn-requestid",
    "x-goog-request-id",
    "x-correlation-id",
    "x-b3-traceid",
    "traceparent",
    "cf-ray",
)
_TRACE_MEMBERS: Final = ("trace_id", "traceId", "request_id", "requestId")
_NOT_IN_TRACES: Final = re.compile(r"[^\w.:;=,/+@-]", re.ASCII)
_TITLE: Final = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_TAG: Final = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)


class Reply:
    """What we know of a provider's HTTP answer when something in it goes wrong.

    ``secrets`` are kept here only to be taken out of whatever the provider repeats. ``now`` (Unix time) is what
    a ``Retry-After`` date is compared with.
    """

    def __init__(
        self, status: int, headers: Mapping[str, str], secrets: Sequence[str], *, now: float, reason: str = ""
    ) -> None:
        self.status = status
        self._headers = headers
        self._secrets = secrets
        self._now = now
        self._reason = reason

    def error(
        self,
        code: str,
        message: str,
        *,
        trace_id: str | None = None,
        retryable: bool | None = None,
        retry_after: float | None = None,
        provider_code: str | None = None,
    ) -> UpstreamError:
        """Return an error of this reply, its message cleaned and its trace id filled in."""
        return UpstreamError(
            code,
            one_line(message, self._secrets),
            trace_id=self._as_trace_id(trace_id) or self._trace_id_in_headers(),
            status=self.status,
            retryable=retryable,
            retry_after=retry_after,
            provider_code=provider_code and one_line(provider_code, self._secrets),
        )

    def from_redirect(self) -> UpstreamError:
        """Return the error for a redirect: following one would carry the key to an address nobody chose."""
        return self.error(
            "protocol",
            f"The provider's address redirects elsewhere (HTTP {self.status}). Redirects are not followed: "
            "please correct the address.",
            retryable=False,
        )

    def from_body(self, body: bytes) -> UpstreamError:
        """Return the error that a body tells of: JSON in any shape, HTML, plain text, or nothing."""
        try:
            return self.from_object(parse_object(body))
        except NotAChunk:
            text = body.decode("utf-8", "replace")
        if "<" in text[:200]:
            title = _TITLE.search(text)
            text = html.unescape(title[1] if title else _TAG.sub(" ", text))
        if self.status < 400:  # a good status around something that is no answer, mostly a log-in page
            return self.error("protocol", f"The provider answered with a page, not with an answer: {text.strip()}")
        return self._classified(text, words=(), status=self.status)

    def from_event(self, data: bytes) -> UpstreamError:
        """Return the error in an event that is named ``error``."""
        try:
            return self.from_object(parse_object(data))
        except NotAChunk:
            return self._classified(data.decode("utf-8", "replace"), words=(), status=None)

    def from_object(self, value: dict[str, Any]) -> UpstreamError:
        """Return the error in a JSON object, of an error answer or of an event within a good one."""
        error = value.get("error")
        details = error if isinstance(error, dict) else value
        status = self.status if self.status >= 400 else _status_in(details)
        words = tuple(_codes_in(details))
        return self._classified(_message_in(value), words=words, status=status, trace_id=_trace_id_in(value))

    def _classified(
        self, text: str, *, words: Sequence[str], status: int | None, trace_id: str | None = None
    ) -> UpstreamError:
        if not text.strip() and self.status >= 400:
            text = f"HTTP {self.status} {self._reason}"
        return self.error(
            _code_for(words, text, status),
            text,
            trace_id=trace_id,
            retryable=False if status in _HOPELESS else None,
            retry_after=retry_after(self._headers, self._now),
            provider_code=words[0] if words else None,
        )

    def _trace_id_in_headers(self) -> str | None:
        found = (self._as_trace_id(self._headers.get(name)) for name in _TRACE_HEADERS)
        return next(filter(None, found), None)

    def _as_trace_id(self, text: str | None) -> str | None:
        return _NOT_IN_TRACES.sub("", without(self._secrets, text))[:128] or None if text else None


def _code_for(words: Sequence[str], text: str, status: int | None) -> str:
    for word in words:
        if code := _BY_CODE.get(word.lower().replace("-", "_").replace(".", "_")):
            return code
    for code, statuses, pattern in _BY_WORDS:
        if status in statuses and pattern.search(text[:4000]):
            return code
    if status is None:
        return "provider_error"
    return _BY_STATUS.get(status) or ("bad_request" if status < 500 else "provider_error")


def _codes_in(error: dict[str, Any]) -> Iterator[str]:
    """Yield the machine-readable words of an error, the most telling first."""
    inner = error.get("innererror")
    for holder in (inner if isinstance(inner, dict) else {}, error):
        for name in ("code", "type", "status", "error_code"):
            if isinstance(holder.get(name), str):
                yield holder[name][:100]


def _status_in(error: dict[str, Any]) -> int | None:
    """Return the HTTP status that an error within a good answer names, if any."""
    for name in ("code", "status", "status_code"):
        value = error.get(name)
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) == 3:
            value = int(value)
        if isinstance(value, int) and 400 <= value <= 599:
            return value
    return None


def _message_in(value: dict[str, Any]) -> str:
    """Return the provider's own words, wherever it put them."""
    error = value.get("error")
    if isinstance(error, str) and error:
        return _joined(error, value.get("message"))
    for holder in (error, value):
        if isinstance(holder, dict):
            for name in ("message", "msg", "detail", "error_msg", "error_description", "errors", "description"):
                if text := _text_of(holder.get(name)):
                    metadata = holder.get("metadata")
                    return _joined(text, metadata.get("raw") if isinstance(metadata, dict) else None)
    return ""


def _joined(text: str, more: Any) -> str:
    return f"{text}: {more}" if isinstance(more, str) and more and more != text else text


def _text_of(value: Any) -> str:
    """Return the words in a string, or in a list of strings or of ``{"msg", "loc"}`` as validators give them."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return _text_of(value.get("message") or value.get("msg") or value.get("error"))
    if isinstance(value, list):
        return "; ".join(text for item in value[:5] if (text := _located(item)))
    return ""


def _located(item: Any) -> str:
    text = _text_of(item)
    place = item.get("loc") if isinstance(item, dict) else None
    if text and isinstance(place, list):
        return f"{'.'.join(str(step)[:50] for step in place[:8])}: {text}"
    return text


def _trace_id_in(value: dict[str, Any]) -> str | None:
    error = value.get("error")
    for holder in (value, error, error.get("metadata") if isinstance(error, dict) else None):
        if isinstance(holder, dict):
            for name in _TRACE_MEMBERS:
                if isinstance(holder.get(name), str) and holder[name].strip():
                    return str(holder[name])
    return None
