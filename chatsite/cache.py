"""The cache, which here counts attempts: nobody may be shut out because it is away."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def _either(name: str) -> Callable[..., Any]:
    def call(self: SharedCache, *args: Any, **options: Any) -> Any:
        try:
            return getattr(RedisCache, name)(self, *args, **options)
        except RedisError as exc:
            logger.warning("The cache is out of reach, this process counts for itself: %s", exc)
            return getattr(self.own, name)(*args, **options)

    return call


class SharedCache(RedisCache):
    """Redis, and while it is away the memory of this process: limits then hold for each process by itself."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.own = LocMemCache("while Redis is away", {key: value for key, value in params.items() if key != "OPTIONS"})

    add = _either("add")
    get = _either("get")
    set = _either("set")
    touch = _either("touch")
    delete = _either("delete")
    get_many = _either("get_many")
    has_key = _either("has_key")
    incr = _either("incr")
    set_many = _either("set_many")
    delete_many = _either("delete_many")
    clear = _either("clear")
