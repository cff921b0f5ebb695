"""Ask the next model where one fails before its first word: the chain that ``GenerationJob.fallbacks`` names.

Once something of an answer was shown, nothing is asked anew: half of one model's answer and half of another's are none.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from conversations.generation.ports import GenerationJob, Upstream
from conversations.upstream import ChatRequest, Delta, Endpoint, UpstreamError

logger = logging.getLogger(__name__)

_ELSEWHERE = frozenset(
    {
        "rate_limited", "quota_exceeded", "invalid_key", "forbidden", "model_not_found", "provider_error",
        "unreachable", "timeout_first", "interrupted", "protocol",
    }
)  # fmt: skip
"""Failures of a provider. A question that is refused, too long or not understood is not carried to the next one."""


class FallingBack:
    """The upstream of one answer; ``job`` is the one that is being carried out: the first, or a fallback's."""

    def __init__(self, job: GenerationJob, upstream_for: Callable[[GenerationJob], Upstream]) -> None:
        self.job = job
        self._upstream_for = upstream_for

    async def stream_chat(self, endpoint: Endpoint, request: ChatRequest) -> AsyncGenerator[list[Delta], None]:
        later = [self.job.asking(attempt) for attempt in self.job.fallbacks]
        while True:
            has_begun = False
            upstream = self._upstream_for(self.job)
            try:
                async with aclosing(upstream.stream_chat(self.job.endpoint, self.job.request)) as deltas:
                    async for batch in deltas:
                        has_begun = True
                        yield batch
                return
            except UpstreamError as error:
                if has_begun or not later or error.code not in _ELSEWHERE:
                    raise
                logger.warning("%s failed (%s), asking %s", self.job.model_label, error, later[0].model_label)
            self.job = later.pop(0)
