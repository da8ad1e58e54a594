"""The cache in Redis, and in the database while Redis is away.

What is kept here are counts of attempts, and answers that need not be asked for twice: few, small, and
needed just as much when Redis is away. What one cache holds the other does not know: a limit may
begin anew when Redis goes and once more when it comes back.
"""

import base64
import hashlib
import pickle
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, wraps
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.db import connections, router, transaction
from redis.exceptions import NoScriptError

from dognbone.redis.breaker import FAULTS, breaker

SUBSTITUTE = "while_redis_is_away"

# Scripts for Redis (https://redis.io/docs/latest/commands/eval/): of many keys, for so many seconds each.
COUNT = """
local counts = {}
for place, key in ipairs(KEYS) do
  counts[place] = redis.call('INCR', key)
  if counts[place] == 1 then redis.call('EXPIRE', key, ARGV[1]) end
end
return counts
"""
ADD = """
local added = {}
for place, key in ipairs(KEYS) do
  added[place] = redis.call('SET', key, ARGV[place + 1], 'EX', ARGV[1], 'NX') and 1 or 0
end
return added
"""

# By the addresses of their servers.
_clients: dict[tuple[str, ...], "Client"] = {}
_making = threading.Lock()


def or_in_database(method: Callable[..., Any]) -> Callable[..., Any]:
    """Redis's `method`, or the database's while Redis does not answer."""

    @wraps(method)
    def ask(self: RedisCache, *args: Any, **kwargs: Any) -> Any:
        if breaker.may_ask():
            try:
                answer = method(self, *args, **kwargs)
            except FAULTS as error:
                breaker.note_failure(error)
            except ValueError:
                # An answer, too: there is nothing to count up.
                breaker.note_success()
                raise
            else:
                breaker.note_success()
                return answer
        return getattr(caches[SUBSTITUTE], method.__name__)(*args, **kwargs)

    return ask


class Client(RedisCacheClient):
    """Asks by the same client again: redis-py's takes longer to be made than Redis to answer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._made: dict[Any, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        django: Any = super()
        pool = django._get_connection_pool(write)
        if pool not in self._made:
            self._made[pool] = django.get_client(key, write=write)
        return self._made[pool]


class Cache(RedisCache):
    """Every question to Redis is bounded by the settings' time-outs, and then not asked for a while."""

    @cached_property
    def _cache(self) -> RedisCacheClient:
        """Its connections are the process's: for each request Django makes a cache, and would open one."""
        given: Any = self
        servers = tuple(given._servers)
        with _making:
            if servers not in _clients:
                _clients[servers] = Client(given._servers, **given._options)
            return _clients[servers]

    @or_in_database
    def count_many(self, keys: Sequence[str], seconds: int) -> list[int]:
        """One more for each key, what it is then, and gone `seconds` after the first: all in one go."""
        counts: list[int] = self.run(COUNT, [self.make_and_validate_key(key) for key in keys], seconds)
        return counts

    @or_in_database
    def add_many(self, values: Mapping[str, Any], seconds: int) -> set[str]:
        """Adds those of `values` whose keys are not there, for so long; which they were: all in one go."""
        client: Any = self._cache
        write = client._serializer.dumps
        made = [self.make_and_validate_key(key) for key in values]
        added = self.run(ADD, made, seconds, *map(write, values.values()))
        return {key for key, is_added in zip(values, added, strict=True) if is_added}

    def run(self, script: str, keys: Sequence[str], *given: Any) -> list[int]:
        """One command for many keys: redis-py takes longer to put together many than Redis to obey them."""
        client = self._cache.get_client(None, write=True)
        digest = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
        try:
            told: list[int] = client.evalsha(digest, len(keys), *keys, *given)
        except NoScriptError:
            # Redis forgets them when it is started anew.
            told = client.eval(script, len(keys), *keys, *given)
        return told

    add = or_in_database(RedisCache.add)
    get = or_in_database(RedisCache.get)
    set = or_in_database(RedisCache.set)
    touch = or_in_database(RedisCache.touch)
    delete = or_in_database(RedisCache.delete)
    get_many = or_in_database(RedisCache.get_many)
    has_key = or_in_database(RedisCache.has_key)
    incr = or_in_database(RedisCache.incr)
    set_many = or_in_database(RedisCache.set_many)
    delete_many = or_in_database(RedisCache.delete_many)
    clear = or_in_database(RedisCache.clear)


class CountingDatabaseCache(DatabaseCache):
    """Django's, that also counts right: when several processes count at once, and for no longer."""

    def add_many(self, values: Mapping[str, Any], seconds: int) -> set[str]:
        return {key for key, value in values.items() if self.add(key, value, seconds)}

    def count_many(self, keys: Sequence[str], seconds: int) -> list[int]:
        return [self.count(key, seconds) for key in keys]

    def count(self, key: str, seconds: int) -> int:
        if not self.add(key, 1, seconds):
            with suppress(ValueError):
                return self.incr(key)
        return 1

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Leaves the key its time, as Redis does. Raises ValueError for a key that is not there."""
        database = router.db_for_write(self.cache_model_class)
        made_key = self.make_and_validate_key(key, version=version)
        with transaction.atomic(using=database), connections[database].cursor() as cursor:
            table = connections[database].ops.quote_name(self.cache_model_class._meta.db_table)
            if connections[database].features.has_select_for_update:
                cursor.execute(f"SELECT 1 FROM {table} WHERE cache_key = %s FOR UPDATE", [made_key])
            value = self.get(key, version=version)
            if value is None:
                raise ValueError(f"Key {key!r} not found")
            pickled = base64.b64encode(pickle.dumps(value + delta, self.pickle_protocol)).decode()
            cursor.execute(f"UPDATE {table} SET value = %s WHERE cache_key = %s", [pickled, made_key])
        return int(value + delta)
