"""Everything that can go wrong with a provider, as one exception with a code from a closed set.

    UpstreamError.code       what it means                                         can trying again help?
    ├── the provider said no
    │   ├── rate_limited     too many requests; also: all our connections are busy         yes, later
    │   ├── quota_exceeded   the account has no credit left                                no
    │   ├── invalid_key      the key is missing, wrong or cannot be sent                   no
    │   ├── forbidden        the key is good but may not do this                           no
    │   ├── model_not_found  the provider does not know the model                          no
    │   ├── bad_request      the provider does not accept the request                      no
    │   ├── context_too_long the conversation is longer than the model takes               no
    │   ├── content_filtered the provider's policy refuses the question or the answer      no
    │   └── provider_error   5xx, or an error object nobody can classify                   yes, but for 501
    ├── the network said no
    │   └── unreachable      no connection, or lost before any answer                      yes
    │                        a wrong address, a bad certificate, a 404                     no
    ├── time ran out
    │   ├── timeout_first    connected, but no delta came in time                          yes
    │   └── timeout_stall    the answer began and then nothing came in time                yes
    └── the answer is not one
        ├── interrupted      it stopped without finish_reason or [DONE]                    yes
        ├── protocol         it cannot be understood: HTML, broken JSON, not HTTP          yes, but for a redirect
        └── too_large        it is larger than this site takes                             no

``message`` is the provider's own words where it has some: at most 500 characters, one line, no control
characters, never the secret. What a person is told is the caller's business.
"""

from __future__ import annotations

from typing import Final

CODES: Final = frozenset(
    {
        "rate_limited",
        "quota_exceeded",
        "invalid_key",
        "forbidden",
        "model_not_found",
        "bad_request",
        "context_too_long",
        "content_filtered",
        "provider_error",
        "unreachable",
        "timeout_first",
        "timeout_stall",
        "interrupted",
        "protocol",
        "too_large",
    }
)

_RETRYABLE: Final = frozenset(
    {
        "rate_limited",
        "provider_error",
        "unreachable",
        "timeout_first",
        "timeout_stall",
        "interrupted",
        "protocol",
    }
)


class UpstreamError(Exception):
    """One failure of a provider.

    ``retryable`` tells whether the same request can succeed later unchanged; None takes the code's own rule.
    ``retry_after`` is what the provider asked us to wait, in seconds. ``status`` is None where no HTTP answer came.
    ``provider_code`` is the provider's own word, for logs.
    """

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        trace_id: str | None = None,
        status: int | None = None,
        retryable: bool | None = None,
        retry_after: float | None = None,
        provider_code: str | None = None,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.trace_id = trace_id
        self.status = status
        self.retryable = code in _RETRYABLE if retryable is None else retryable
        self.retry_after = retry_after
        self.provider_code = provider_code

    def __str__(self) -> str:
        facts = [self.code]
        if self.status is not None:
            facts.append(f"HTTP {self.status}")
        if self.trace_id:
            facts.append(f"trace {self.trace_id}")
        return f"{', '.join(facts)}: {self.message}" if self.message else ", ".join(facts)
