"""What one night of identity hands to the next, in the lake: standardised records, scored pairs, and the model.

Every file carries the fingerprint of the state it belongs to, so files of two nights are never taken for one state,
wherever a run was killed. What can be worked out again (records, pairs) is, when its file is lost or damaged, with
the same model and so with the same result. The model itself can't: see `docs/faults.md`.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import dagster as dg
import pyarrow as pa

from models.identity import State
from models.identity.state import SCHEMAS
from orchestration.lake import Lake

FOLDER = "identity/state"
_FINGERPRINT, _FITTED_ON = "state", "fitted_on"
_ABOUT = "about"
_WORKED_OUT_AGAIN = tuple(SCHEMAS)


def load_state(lake: Lake, as_of: date, refit_after: timedelta) -> tuple[State | None, str]:
    """(the state tonight starts from, what a person should know about it); no state means that a model is fitted.

    Raises:
        dagster.Failure: a file of the model is damaged; says what a person must do.
    """
    whole, _ = _read_whole(lake)
    names = sorted(path.stem for path in (lake.data.lake / FOLDER).glob("*.parquet"))
    notes = lake.notes(_path(_ABOUT))
    if not notes:
        return None, "no model of an earlier night: one is fitted" if not names else "no model: one is fitted"
    fitted_on = date.fromisoformat(notes[_FITTED_ON])
    if as_of - fitted_on >= refit_after:
        return None, f"the model of {fitted_on} is as old as identity.yml allows: a new one is fitted"
    of_state = [name for name in names if _is_of(lake, name, notes[_FINGERPRINT])]
    tables = {name: whole[name] if name in whole else lake.read_table(_path(name)) for name in of_state}
    lost = [name for name in _WORKED_OUT_AGAIN if name not in tables]
    try:
        if not lost:
            return State.from_tables(tables), f"model of {fitted_on}"
        known = State.of_model(tables)
    except (KeyError, ValueError, pa.ArrowException):
        return None, "the model is not whole: a new one is fitted"
    return known, f"model of {fitted_on}; {', '.join(lost)} of last night is lost: every record is scored again"


def save_state(lake: Lake, state: State, as_of: date) -> None:
    """Keep tonight's state. Killed half way, what is left says itself that it is not whole."""
    notes = lake.notes(_path(_ABOUT))
    before = load_model_key(lake)
    fitted_on = notes.get(_FITTED_ON) if before == state.model.fingerprint else None
    noted = {
        _FINGERPRINT: state.fingerprint,
        _FITTED_ON: fitted_on or as_of.isoformat(),
        "model": state.model.fingerprint,
    }
    tables = state.to_tables()
    # The model and what it was learnt with come first: of them alone the rest can be worked out again.
    for name in sorted(tables, key=lambda name: (name in _WORKED_OUT_AGAIN, name)):
        lake.write(_path(name), tables[name], tables[name].schema.remove_metadata(), noted)
    for path in (lake.data.lake / FOLDER).glob("*.parquet"):
        if path.stem not in tables:
            path.unlink()


def load_model_key(lake: Lake) -> str | None:
    """Fingerprint of the model that is kept; None when there is none."""
    return lake.notes(_path(_ABOUT)).get("model")


def drop_damaged(lake: Lake) -> list[str]:
    """Remove damaged files whose content is worked out again; their names."""
    return _read_whole(lake)[1]


def _read_whole(lake: Lake) -> tuple[dict[str, pa.Table], list[str]]:
    """(tables of what can be worked out again, names of those that were damaged: their files are removed)."""
    tables, dropped = {}, []
    for name in _WORKED_OUT_AGAIN:
        try:
            with suppress(FileNotFoundError):
                tables[name] = lake.read_table(_path(name))
        except dg.Failure:
            (lake.data.lake / _path(name)).unlink()
            dropped.append(name)
    return tables, dropped


def _path(name: str) -> str:
    return f"{FOLDER}/{name}.parquet"


def _is_of(lake: Lake, name: str, fingerprint: str) -> bool:
    noted = lake.notes(_path(name))
    # The parts of the model are the same files night after night; a state that was cut off may have written them anew.
    same_model = name not in _WORKED_OUT_AGAIN and noted.get("model") == load_model_key(lake)
    return noted.get(_FINGERPRINT) == fingerprint or same_model
