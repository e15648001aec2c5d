"""What is settled about a pair by the answers people gave, also by way of other records."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa


class Known:
    """Answers so far. A same as B and B different from C settle A and C too.

    Where answers contradict each other the same holds as in `clustering.decisions`: `different` first.
    """

    def __init__(self, decisions: Any = None) -> None:
        self._home: dict[str, str] = {}
        self._foes: dict[str, set[str]] = {}
        if decisions is None or not len(decisions):
            return
        table = decisions.to_pandas() if isinstance(decisions, pa.Table) else decisions
        when = table["decided_on"].astype(str) if "decided_on" in table else pd.Series("", index=table.index)
        ordered = table.assign(when=when).sort_values("when", ascending=False, kind="stable")
        # 'different' sorts first, so that no chain of 'same' can take it over.
        for row in ordered.sort_values("decision", kind="stable").itertuples(index=False):
            if self.answer(row.record_key_l, row.record_key_r) is None:
                self.add(row.decision, row.record_key_l, row.record_key_r)

    def group(self, key: str) -> str:
        """Name of the group of records that answers hold together with `key`."""
        while (home := self._home.get(key, key)) != key:
            self._home[key] = self._home.get(home, home)
            key = home
        return key

    def answer(self, a: str, b: str) -> str | None:
        """'same' or 'different' where that follows, else None."""
        one, two = self.group(a), self.group(b)
        if one == two:
            return "same"
        return "different" if two in self._foes.get(one, ()) else None

    def add(self, decision: str, a: str, b: str) -> None:
        """Take another answer in. Raises ValueError for another word, or if the opposite is settled."""
        if decision not in ("same", "different"):
            raise ValueError("a decision is 'same' or 'different'")
        if (settled := self.answer(a, b)) is not None:
            if settled != decision:
                raise ValueError(f"{settled} follows from earlier answers")
            return
        one, two = sorted((self.group(a), self.group(b)))
        if decision == "different":
            self._foes.setdefault(one, set()).add(two)
            self._foes.setdefault(two, set()).add(one)
            return
        self._home[two] = one
        for foe in self._foes.pop(two, set()):
            self._foes[foe].discard(two)
            self._foes[foe].add(one)
            self._foes.setdefault(one, set()).add(foe)
