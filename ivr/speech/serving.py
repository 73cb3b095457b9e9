"""Serves sound files over HTTP to an Asterisk on another machine, by their addresses (`addresses`) and no others."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import hdrs, web

from ivr.speech.addresses import FOLDER, SoundAddresses

# Private: whatever lies between Asterisk and us must not keep what may be personal.
_FOR_EVER = "private, max-age=31536000, immutable"

_log = logging.getLogger(__name__)


def serve_sounds(app: web.Application, addresses: SoundAddresses) -> None:
    """Serve them from `app`, below /sounds/. An address that is not ours, or whose bytes are gone, is not found."""

    async def sound(request: web.Request) -> web.Response:
        found = addresses.recognise(request.match_info["tail"])
        data = await asyncio.to_thread(found.read) if found else None
        if found is None or data is None:
            raise web.HTTPNotFound
        known = request.if_none_match or ()
        if any(tag.value in (found.digest, "*") for tag in known):
            answer = web.Response(status=304)
        else:
            answer = web.Response(body=data, content_type="audio/wav")
            _log.debug("%d bytes of sound were fetched", len(data))
        answer.etag = found.digest
        return answer

    async def may_be_kept(request: web.Request, response: web.StreamResponse) -> None:
        """Signal, after those of `app`, which lets nothing be kept."""
        if response.status in (200, 304):
            response.headers[hdrs.CACHE_CONTROL] = _FOR_EVER

    sounds = web.Application()
    sounds.router.add_get("/{tail:.+}", sound)
    sounds.on_response_prepare.append(may_be_kept)
    app.add_subapp(f"/{FOLDER}/", sounds)
