"""The parts that a controller is put together from, each made from the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from context_store.attempts import Limits
from context_store.memory_attempts import MemoryAttempts
from context_store.redis_attempts import RedisAttempts
from context_store.redis_returns import RedisReturns
from context_store.redis_store import RedisStore
from context_store.redis_tenures import RedisTenures
from context_store.steady_attempts import SteadyAttempts
from ivr.call.pops import Pops
from ivr.call.room import HOUR, Spans
from ivr.call.tenure import Tenure
from ivr.settings import Settings
from ivr.speech.addresses import SoundAddresses
from ivr.telephony.ami_link import AmiLink
from ivr.telephony.applications import app_of
from ivr.telephony.ari import AriClient
from ivr.telephony.queue_events import QueueEvents


def make_store(settings: Settings) -> RedisStore:
    """Where conversations are kept. Close it at the end."""
    redis = settings.redis
    return RedisStore(redis.url.get_secret_value(), timeout=redis.timeout, lifetime=redis.conversation_hours * 3600)


@asynccontextmanager
async def attempts(settings: Settings) -> AsyncIterator[SteadyAttempts]:
    """Counted in Redis for all controllers, and in memory while it is away."""
    own = settings.identification
    limits = Limits(
        caller=own.caller_attempts,
        withheld=own.withheld_attempts,
        claim=own.claim_attempts,
        overall=own.overall_attempts,
        seconds=own.window_minutes * 60,
    )
    url, timeout = settings.redis.url.get_secret_value(), settings.redis.timeout
    counted = RedisAttempts(url, timeout=timeout, limits=limits, lifetime=own.audit_days * 24 * 3600)
    try:
        async with SteadyAttempts(counted, MemoryAttempts(limits)) as steady:
            yield steady
    finally:
        await counted.aclose()


@asynccontextmanager
async def returns(settings: Settings) -> AsyncIterator[RedisReturns]:
    """Whose call dropped a moment ago."""
    redis = settings.redis
    kept = RedisReturns(redis.url.get_secret_value(), timeout=redis.timeout)
    try:
        yield kept
    finally:
        await kept.aclose()


@asynccontextmanager
async def tenure(settings: Settings) -> AsyncIterator[Tenure]:
    """Who serves calls, and who does not any more."""
    redis, own = settings.redis, settings.controller
    tenures = RedisTenures(redis.url.get_secret_value(), timeout=redis.timeout)
    try:
        async with Tenure(tenures, own.name, own.lease_seconds) as held:
            yield held
    finally:
        await tenures.aclose()


def spans(settings: Settings) -> Spans:
    """How long what lies behind counts."""
    conversations = settings.conversations
    return Spans(
        returning=settings.identification.return_minutes * 60,
        open=conversations.open_hours * HOUR,
        unknown=conversations.unknown_hours * HOUR,
        agent=conversations.agent_minutes * 60,
        kept=settings.redis.conversation_hours * HOUR,
    )


def make_ari(settings: Settings) -> AriClient:
    """For calls."""
    asterisk, app = settings.asterisk, app_of(settings.controller.name)
    password = asterisk.ari_password.get_secret_value()
    return AriClient(asterisk.host, asterisk.ari_port, asterisk.ari_user, password, app, timeout=asterisk.timeout)


def make_link(settings: Settings) -> AmiLink:
    """For what ARI would do too late."""
    asterisk = settings.asterisk
    return AmiLink(
        asterisk.host,
        asterisk.ami_port,
        asterisk.ami_user,
        asterisk.ami_password.get_secret_value(),
        timeout=asterisk.timeout,
    )


def sound_addresses(settings: Settings) -> SoundAddresses | None:
    """Where Asterisk fetches sound from us; None: it reads the files itself."""
    speech = settings.speech
    return SoundAddresses(speech.cache, speech.url, settings.web.secret.get_secret_value()) if speech.url else None


def make_queue_events(settings: Settings, pops: Pops) -> QueueEvents:
    """For what queues do with our callers."""
    asterisk = settings.asterisk
    return QueueEvents(
        asterisk.host, asterisk.ami_port, asterisk.ami_user, asterisk.ami_password.get_secret_value(), pops
    )
