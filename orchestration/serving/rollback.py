"""`python -m orchestration.serving.rollback`: put an earlier publication back, or list those that are kept."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence

import dagster as dg

from orchestration.lake import Lake
from orchestration.paths import DataDir
from orchestration.run_lock import AnotherRunError, take
from orchestration.serving.declaration import ServingError, load_serving, postgres_address, serves_duckdb
from orchestration.serving.kept import FILE, Kept
from orchestration.serving.postgres import Postgres, PostgresError
from orchestration.serving.put_back import AlreadyPublishedError, Reason, RollbackError, roll_back
from orchestration.serving.site import renew
from orchestration.trouble import machine_trouble


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when readers see the earlier publication, 1 when they don't, 2 when a run is under way."""
    parser = argparse.ArgumentParser(description="Put an earlier publication back.")
    parser.add_argument("--to", help="number, night or run of the publication (default: the one before)")
    parser.add_argument("--by", default="", help="who rolls back (default: this user of the machine)")
    parser.add_argument("--why", default="", help="the reason, for the record")
    parser.add_argument("--list", action="store_true", help="only show what is kept")
    options = parser.parse_args(arguments)
    data = DataDir.from_environment()
    try:
        declared = load_serving()
        kept = Kept.of(data, declared.keep)
        address = postgres_address()
        postgres = Postgres(address, declared.postgres) if address else None
        if options.list:
            print("\n".join(listed(kept)))
            if postgres:
                print(f"PostgreSQL {postgres.where}: {postgres.published() or 'nothing'} is published")
            return 0
        reason = Reason(options.by.strip() or getpass.getuser(), options.why.strip() or "no reason given")
        with take(data):
            first = {} if serves_duckdb() or not postgres else {"first_elsewhere": postgres.put_back}
            try:
                before, now = roll_back(Lake(data_dir=str(data.root)), kept, options.to, reason, **first)
                print(f"rolled back: {_named(before)} -> {_named(now)}, {now.rows:,} rows in {len(now.tables)} tables")
            except AlreadyPublishedError as same:  # as after a roll-back that was killed: the rest may be behind
                now = same.manifest
                print(same)
            if postgres and postgres.published() != now.name:
                loaded = postgres.put_back(kept.path(now) / FILE, now)
                print(f"PostgreSQL {postgres.where}: the same, in {loaded.seconds:.1f} s")
            renew(data.serving, data.site)
            print(f"{data.site / 'index.html'}: the pages of that night")
    except AnotherRunError as error:
        print(error, file=sys.stderr)
        return 2
    except (RollbackError, PostgresError, ServingError) as error:
        print(error, file=sys.stderr)
        return 1
    except dg.Failure as error:  # a damaged file of the lake; it says which and what to do
        print(error.description, file=sys.stderr)
        return 1
    except Exception as error:
        line = machine_trouble(error)  # a defect of ours keeps its trace
        if line is None:
            raise
        print(line, file=sys.stderr)
        return 1
    print("\n".join(listed(kept)))
    return 0


def _named(manifest: object) -> str:
    return f"{manifest.number} ({manifest.as_of})" if manifest else "an unknown publication"


def listed(kept: Kept) -> list[str]:
    """The kept publications as lines, the newest first, the published one marked."""
    manifests, current, gone = kept.all(), kept.current(), kept.withdrawn()
    if not manifests:
        return ["no publication is kept yet"]
    lines = ["     no.  night       published (UTC)      tables        rows      MB  run"]
    for one in reversed(manifests):
        mark = ">" if current and one.number == current.number else " "
        note = "  published" if mark == ">" else "  rolled back" if one.number in gone else ""
        lines.append(
            f"{mark} {one.number:6d}  {one.as_of}  {one.published_at}  {len(one.tables):6d}  {one.rows:10,}"
            f"  {one.size / 1e6:6.1f}  {one.run_id[:8]}{note}"
        )
    lines += [f"  {name}: its manifest is damaged" for name in kept.damaged()]
    if current is None and kept.served.exists():
        lines.append("what is published now is none of them")
    lines.append(f"{kept.size() / 1e6:.1f} MB on disk beside the published file, in {kept.folder.name}/")
    return lines


if __name__ == "__main__":
    sys.exit(main())
