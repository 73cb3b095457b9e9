"""What is published, to JSON bytes and back; and what may go into the library at all. Does no I/O."""

from __future__ import annotations

from context_store.codec import Codec
from context_store.editions import Announcement, Edition, Publication
from context_store.errors import BadRecord
from context_store.keys import is_hotline, is_version

editions = Codec(Edition)
publications = Codec(Publication)
announcements = Codec(Announcement)


def encode_publication(edition: Edition, publication: Publication) -> tuple[bytes, bytes]:
    """An edition and its going live, as bytes. Raises `BadRecord` for what does not fit together."""
    check_hotline(edition.hotline)
    if not (is_version(edition.version) and publication.version == edition.version and edition.files):
        raise BadRecord("an edition needs files, and a version that is the digest of its content")
    return editions.encode(edition), publications.encode(publication)


def check_hotline(name: str) -> None:
    """Raises `BadRecord` for what cannot be the name of a hotline."""
    if not is_hotline(name):
        raise BadRecord("a hotline's name has up to 64 letters, digits, dots, hyphens and underscores")
