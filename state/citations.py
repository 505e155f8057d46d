"""Advisories as findings quote them: each wording is stored once for the fleet, under its digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import Connection, select

from state.encoding import decode, encode
from state.model import Advisory
from state.rows import batches, upsert
from state.tables import cited_advisories


def save(connection: Connection, advisories: Iterable[Advisory]) -> dict[Advisory, str]:
    """Store what is not there yet; the digest of each."""
    bodies = {advisory: encode(advisory).encode() for advisory in set(advisories)}
    digests = {advisory: hashlib.blake2b(body, digest_size=16).hexdigest() for advisory, body in bodies.items()}
    rows = [{"digest": digest, "advisory": bodies[advisory]} for advisory, digest in digests.items()]
    upsert(connection, cited_advisories, sorted(rows, key=lambda row: row["digest"]))
    return digests


def load(connection: Connection, digests: Iterable[str]) -> dict[str, Advisory]:
    """The advisories under these digests."""
    found: dict[str, Advisory] = {}
    for batch in batches(sorted(set(digests))):
        query = select(cited_advisories).where(cited_advisories.c.digest.in_(batch))
        found |= {digest: decode(Advisory, body) for digest, body in connection.execute(query)}
    return found
