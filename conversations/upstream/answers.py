"""One answer from its first byte to its end: limits, what is an end, and what is an error. Sans-IO, no clock.

    decoder.feed(data) → deltas     as often as bytes come; look at ``failure`` and ``is_over`` afterwards
    decoder.finish() → deltas       when no more come

The body may be a stream of events or, from a provider that ignores ``stream``, one JSON object; its first byte
tells. The end is ``[DONE]``, or a ``finish_reason`` and then the end of the bytes. Bytes that end without
either are an answer that was cut. Errors do not raise but stand in ``failure``, so that the deltas which came
before them in the same network read are not lost.
"""

from __future__ import annotations

from collections.abc import Iterable

from conversations.upstream.deltas import (
    Chunk,
    Delta,
    Finished,
    NotAChunk,
    ReasoningDelta,
    SourcesDelta,
    TextDelta,
    UsageDelta,
    decode_chunk,
)
from conversations.upstream.errors import UpstreamError
from conversations.upstream.failures import Reply
from conversations.upstream.requests import Limits
from conversations.upstream.sse import Event, EventTooLarge, SSEDecoder
from conversations.upstream.texts import Joiner

_DONE = b"[DONE]"


class AnswerDecoder:
    """Turn the bytes of one answer into deltas."""

    def __init__(self, limits: Limits, reply: Reply) -> None:
        self.failure: UpstreamError | None = None
        self.is_finished = False  # the provider gave a reason: the text is whole, usage may follow
        self.is_over = False  # nothing that follows matters
        self.chunks = 0  # JSON objects read so far: the sign of life that time-outs look at
        self._limits = limits
        self._reply = reply
        self._events = SSEDecoder(limits.event)
        self._body: bytearray | None = bytearray()  # None once the answer is known to be a stream of events
        self._body_size = 0
        self._answer_size = 0
        self._text, self._reasoning = Joiner(), Joiner()
        self._has_deltas = False  # text came in deltas: a whole ``message`` would only repeat it
        self._usage: UsageDelta | None = None
        self._sources: dict[str, str] = {}
        self._nonsense = False

    def feed(self, data: bytes) -> list[Delta]:
        """Return the deltas that ``data`` completes."""
        self._body_size += len(data)
        if self._body_size > self._limits.body:
            self._fail("too_large", "The provider sends more than this site takes.")
            return []
        if self._body is not None:
            data = self._events_in(data)
        try:
            return self._deltas(self._events.feed(data))
        except EventTooLarge:
            self._fail("too_large", "One event of the answer is larger than this site takes.")
            return []

    def finish(self, *, is_cut: bool = False) -> list[Delta]:
        """Settle how the answer ended; ``is_cut`` tells that the connection broke rather than closed."""
        deltas: list[Delta] = []
        if self._body is None:
            deltas += self._last_event()
        elif body := bytes(self._body).strip():
            deltas += self._whole_body(body, is_cut=is_cut)
        if self.failure is None and not self.is_over:
            self._end(deltas, is_cut=is_cut)
        return deltas

    # What kind of body

    def _events_in(self, data: bytes) -> bytes:
        """Return the bytes that are events; keep those of an answer that is none, or does not show it yet."""
        assert self._body is not None
        self._body += data
        start = bytes(self._body.lstrip(b" \t\r\n")[:1])
        if start not in (b"", b"{", b"[", b"<"):
            data, self._body = bytes(self._body), None
            return data
        if len(self._body) > self._limits.event:
            self._fail("too_large", "The answer is larger than this site takes.")
            self._body.clear()
        return b""

    def _whole_body(self, body: bytes, *, is_cut: bool) -> list[Delta]:
        """Read an answer that came in one piece though a stream was asked for, or because none was."""
        deltas: list[Delta] = []
        if body.startswith(b"<"):
            self.failure = self._reply.from_body(body)
            return deltas
        try:
            chunk = decode_chunk(body)
        except NotAChunk:
            self._take_lines(body, deltas, is_cut=is_cut)
            return deltas
        self._take(chunk, deltas)
        if self.failure is None and not self.is_finished:
            if chunk.is_answer:
                self._finish("stop", deltas)
            else:
                self._fail("protocol", "The provider's answer holds neither text nor an error.")
        self.is_over = True
        return deltas

    def _last_event(self) -> list[Delta]:
        """Read an event without a blank line behind it; half a JSON object there is a cut, not nonsense."""
        deltas: list[Delta] = []
        for event in self._events.finish():
            if event.data.strip() != _DONE and event.name != "error":
                try:
                    decode_chunk(event.data)
                except NotAChunk:
                    continue
            self._take_event(event, deltas)
        return deltas

    # Events

    def _deltas(self, events: Iterable[Event]) -> list[Delta]:
        deltas: list[Delta] = []
        for event in events:
            if self.is_over or self.failure is not None:
                break
            self._take_event(event, deltas)
        return deltas

    def _take_event(self, event: Event, deltas: list[Delta]) -> None:
        data = event.data
        if data == _DONE or data.strip() == _DONE:
            self._done(deltas)
        elif event.name == "error":
            self.failure = self._reply.from_event(data)
        elif data:
            try:
                chunk = decode_chunk(data)
            except NotAChunk:
                self._take_lines(data, deltas, is_cut=False)
            else:
                self._take(chunk, deltas)

    def _take_lines(self, data: bytes, deltas: list[Delta], *, is_cut: bool) -> None:
        """Read what is no JSON object as one object per line; a broken object there means that text is lost."""
        for line in data.splitlines():
            line = line.strip().removeprefix(b"data:").strip()
            if line == _DONE:
                self._done(deltas)
            elif line:
                try:
                    chunk = decode_chunk(line)
                except NotAChunk as exc:
                    self._nonsense = True
                    if exc.looks_cut and not is_cut:
                        self._fail("protocol", "The provider sent broken JSON.")
                else:
                    self._take(chunk, deltas)
            if self.is_over or self.failure is not None:
                return

    def _take(self, chunk: Chunk, deltas: list[Delta]) -> None:
        """Add what one JSON object says, in the order in which it is meant."""
        self.chunks += 1
        if chunk.reasoning and (thought := self._reasoning.feed(chunk.reasoning)):
            deltas.append(ReasoningDelta(self._within_limit(thought)))
        if chunk.text:
            self._has_deltas = True
        elif chunk.whole_text and not self._has_deltas:
            chunk.text = chunk.whole_text
        if chunk.text and (text := self._text.feed(chunk.text)):
            deltas.append(TextDelta(self._within_limit(text)))
        if chunk.usage is not None and chunk.usage != self._usage:
            self._usage = chunk.usage
            deltas.append(chunk.usage)
        if chunk.sources and (new := {url: title for url, title in chunk.sources if not self._sources.get(url, "")}):
            before = dict(self._sources)
            self._sources |= new
            if self._sources != before:
                deltas.append(SourcesDelta(tuple(self._sources.items())))
        if chunk.error is not None:
            self.failure = self._reply.from_object(chunk.error)
        elif chunk.finish_reason and self.failure is None:
            self._finish(chunk.finish_reason, deltas)

    def _within_limit(self, text: str) -> str:
        room = self._limits.answer - self._answer_size
        self._answer_size += len(text)
        if len(text) <= room:
            return text
        self._fail("too_large", "The answer is longer than this site takes.")
        return text[:room]

    # Ends

    def _finish(self, reason: str, deltas: list[Delta]) -> None:
        if self.is_finished:
            return
        if reason == "error":
            self._fail("provider_error", "The provider ended the answer with an error and did not say which.")
        elif reason == "content_filter" and not self._answer_size:
            self._fail("content_filtered", "The provider's content filter held back the whole answer.")
        else:
            self.is_finished = True
            if rest := self._reasoning.finish():
                deltas.append(ReasoningDelta(rest))
            if rest := self._text.finish():
                deltas.append(TextDelta(rest))
            deltas.append(Finished(reason))

    def _done(self, deltas: list[Delta]) -> None:
        if not self.chunks:
            self._fail("protocol", "The provider ended the answer before it began.")
        else:
            self._finish("stop", deltas)
        self.is_over = True

    def _end(self, deltas: list[Delta], *, is_cut: bool) -> None:
        self.is_over = True
        if self.is_finished:
            return
        if self._nonsense and not self.chunks and not is_cut:
            self._fail("protocol", "What the provider sent is not an answer.")
        elif self.chunks:
            self._fail("interrupted", "The answer stopped in the middle.")
        else:
            self._fail("interrupted", "The provider closed the connection before the answer began.")

    def _fail(self, code: str, message: str) -> None:
        if self.failure is None:
            self.failure = self._reply.error(code, message)
