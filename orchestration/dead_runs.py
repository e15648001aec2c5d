"""Runs whose process was killed: Dagster still says that they are under way, and they would hold their places."""

import time

import dagster as dg

# Before it takes the lock a run only imports, and one that is ended gives the lock back first: no more than this long.
_UNLOCKED_S = 600
_UNLOCKED = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.CANCELING]


def release_dead_runs(instance: dg.DagsterInstance, older_than_s: float = 0) -> None:
    """End the records of dead runs, so that their places in the pools and in the queue are free again.

    Every run holds the data folder's lock while it executes, and the caller has seen it free: a run that still says
    STARTED has no process any more, unless it started just now and is about to take the lock. One that was starting or
    being ended when the machine or Dagster's daemon went down says so for ever, and every later run would wait for it.

    Args:
        instance: Dagster's records.
        older_than_s: leave runs alone that started less than so many seconds ago.
    """
    started = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])
    for record in instance.get_run_records(filters=started):
        if time.time() - (record.start_time or 0) >= older_than_s:
            _end(instance, record.dagster_run)
    for record in instance.get_run_records(filters=dg.RunsFilter(statuses=_UNLOCKED)):
        if time.time() - record.update_timestamp.timestamp() >= max(older_than_s, _UNLOCKED_S):
            _end(instance, record.dagster_run)


def _end(instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    instance.report_run_failed(run, message="The process of this run is gone.")
    instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
