"""Digests of tables: what tells two states apart, and a whole one from a mixture."""

from __future__ import annotations

import hashlib

import pyarrow as pa

from .database import in_pieces, room


def table_digest(table: pa.Table) -> str:
    """Digest of a table: of its bytes in their order where it holds plain numbers, else of its rows in any order.

    How Arrow cuts or types text plays no part.
    """
    if all(_is_plain(column) for column in table.columns):
        digest = hashlib.sha256()
        for column in table.columns:
            for chunk in column.chunks:
                digest.update(chunk.to_numpy(zero_copy_only=False))
        return f"{table.column_names}:{table.num_rows}:{digest.hexdigest()}"
    return f"{table.column_names}:{_rows(table)}"


def after(digest: str, removed: pa.Table, added: pa.Table) -> str:
    """Digest of the table of `digest` once some rows have gone and others have come; only of tables with text."""
    names, _, row = digest.rpartition(":")
    then = tuple(int(one) for one in row.strip("()").split(","))
    out, new = _rows(removed), _rows(added)
    return f"{names}:{(then[0] - out[0] + new[0], then[1] ^ out[1] ^ new[1], then[2] - out[2] + new[2])}"


def _is_plain(column: pa.ChunkedArray) -> bool:
    return (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)) and not column.null_count


def _rows(table: pa.Table) -> tuple[int, int, int]:
    """Number of rows, and two sums of their hashes that don't depend on their order."""
    if not table.num_rows:
        return 0, 0, 0
    columns = ", ".join(f'"{name}"' for name in table.column_names)
    with room() as connection:
        connection.register("rows", in_pieces(table))
        return connection.sql(
            f"select count(*), bit_xor(h), sum(cast(h as hugeint)) from (select hash({columns}) as h from rows)"
        ).fetchone()
