"""What tests of the target PostgreSQL share: publish a small night, and look at what readers see."""

import itertools
from pathlib import Path

import psycopg

from orchestration.serving.kept import FILE
from orchestration.serving.manifest import Manifest
from orchestration.serving.postgres import Postgres
from tests.unit.orchestration.publications import kept_in, publish_night

numbers = itertools.count(1)


def publish_both(folder: Path, target: Postgres, night: int) -> Manifest:
    """Publish a night as a file in `folder` and from there in PostgreSQL."""
    manifest = publish_night(folder, night)
    target.publish(kept_in(folder).path(manifest) / FILE, manifest)
    return manifest


def schemas(look: psycopg.Connection) -> list[str]:
    """The schemas of the target."""
    rows = look.execute("select nspname from pg_namespace where nspname like 'marts%' order by 1").fetchall()
    return [name for (name,) in rows]


def seen(look: psycopg.Connection) -> set[tuple[int, ...]]:
    """(night in orders, in customers, number of the publication)."""
    return set(
        look.execute(
            "select distinct orders.night, customers.night, number from marts.orders"
            " cross join (select distinct night from marts.customers) as customers cross join marts.publication"
        ).fetchall()
    )
