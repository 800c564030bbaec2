# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Do with Redis what Frappe 15 does, with its own versions of redis-py and RQ. Reads two addresses and passwords."""

from __future__ import annotations

import json
import sys

import redis
import rq

spec = json.load(sys.stdin)
cache = redis.Redis.from_url(spec["cache"])
queue = redis.Redis.from_url(spec["queue"])

# frappe/utils/redis_wrapper.py, rate_limiter.py, build.py
cache.setex("_a|key", 60, b"1")
cache.set("_a|other", b"2")
cache.hset("_a|hash", "field", b"3")
cache.rpush("_a|list", "x")
cache.sadd("_a|set", "x")
cache.incrby("_a|rl", 1)
cache.expire("_a|rl", 10)
assert sorted(cache.keys("_a|*")) == [b"_a|hash", b"_a|key", b"_a|list", b"_a|other", b"_a|rl", b"_a|set"]
assert cache.hgetall("_a|hash") == {b"field": b"3"}
assert list(cache.scan_iter("_a|s*")) == [b"_a|set"]
assert cache.execute_command("INFO", "MEMORY")["used_memory_human"]
with cache.pipeline() as pipe:
    pipe.delete("_a|key").exists("_a|key")
    assert pipe.execute() == [1, 0]
assert cache.flushdb()
assert cache.dbsize() == 0
assert cache.register_script("return redis.call('INCR', KEYS[1])")(keys=["n"]) == 1

# frappe/realtime.py and the realtime server
events = queue.pubsub(ignore_subscribe_messages=True)
events.subscribe("events")
events.get_message(timeout=2)
queue.publish("events", "hello")
message = events.get_message(timeout=2) or events.get_message(timeout=2)
assert message is not None
assert message["data"] == b"hello"

# frappe/utils/background_jobs.py
jobs = rq.Queue("short", connection=queue)
done, failing = jobs.enqueue("math.sqrt", 16), jobs.enqueue("math.sqrt", -1)
later = jobs.enqueue("math.sqrt", 25, job_id="kept")
worker = rq.SimpleWorker([jobs], connection=queue)
worker.work(burst=True, with_scheduler=False)
assert done.return_value() == 4.0, done.get_status()
assert failing.get_status() == "failed", failing.get_status()
assert rq.Queue.all(connection=queue) == [jobs]
assert queue.client_setname("probe")
assert "probe" in [client["name"] for client in queue.client_list()]
later.delete()

# What the account may not.
for command in ("CONFIG GET *", "SHUTDOWN", "REPLICAOF NO ONE", "MODULE LIST", "ACL LIST", "FLUSHALL", "SAVE"):
    try:
        queue.execute_command(*command.split())
    except redis.exceptions.NoPermissionError:
        continue
    raise SystemExit(f"{command} was allowed")
print("ok")
