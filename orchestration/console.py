"""What a person sees while a run is under way: one line when a step starts, one when it ends."""

import logging
import sys
from typing import Any

import dagster as dg
from dagster._core.errors import DagsterAssetCheckFailedError

from orchestration.trouble import machine_trouble


class _StepLines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        line = _event_line(event) if event is not None else _message_line(record)
        if line:
            print(line, file=sys.stderr, flush=True)


def _event_line(event: Any) -> str | None:
    kind = event.event_type
    if kind == dg.DagsterEventType.STEP_START:
        return f"  {event.step_key} …"
    if kind == dg.DagsterEventType.STEP_SUCCESS:
        return f"  {event.step_key} done in {event.step_success_data.duration_ms / 1000:.1f} s"
    if kind == dg.DagsterEventType.STEP_UP_FOR_RETRY:
        return f"  {event.step_key} will be tried again: {failure_line(event)}"
    if kind == dg.DagsterEventType.STEP_FAILURE:
        return f"  {event.step_key} FAILED: {failure_line(event)}"
    return None


def _message_line(record: logging.LogRecord) -> str | None:
    # What steps say of themselves is at level INFO; Dagster's own remarks on skipped steps are above it, and what
    # failed is told by the failure's event.
    message = getattr(record, "dagster_meta", {}).get("orig_message")
    return f"    {message}" if message and record.levelno == logging.INFO else None


def failure_line(event: Any) -> str:
    """The cause of a failed step in one line."""
    data = event.step_failure_data if event.is_step_failure else event.step_retry_data
    user_failure = getattr(data, "user_failure_data", None)
    if user_failure is not None and user_failure.description:
        return user_failure.description
    error = data.error if data is not None else None
    while error is not None and error.cause is not None:
        error = error.cause
    if error is None:
        return "no reason given"
    if is_failed_check(event):
        return "a check that must pass did not"
    return machine_trouble(error.message) or " ".join(error.message.split())


def is_failed_check(event: Any) -> bool:
    """Whether a step failed for nothing but a blocking check, which says itself what and why."""
    error = event.step_failure_data.error if event.is_step_failure else None
    return error is not None and error.cls_name == DagsterAssetCheckFailedError.__name__


@dg.logger(description="One line per step on standard error.")
def progress(context: dg.InitLoggerContext) -> logging.Logger:
    """Progress lines for a terminal."""
    logger = logging.Logger("progress", logging.DEBUG)
    logger.addHandler(_StepLines())
    return logger
