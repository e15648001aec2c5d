"""`python -m orchestration.identity.approve CHANGE --by … --why …`: let a stopped change of identity be published."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import dagster as dg

from orchestration.identity.approvals import ApprovalError, approve
from orchestration.lake import Lake
from orchestration.paths import DataDir
from orchestration.run_lock import AnotherRunError, take


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the change is approved, 1 when it can't be, 2 when a run is under way."""
    parser = argparse.ArgumentParser(description="Approve the change of identity that stopped a night.")
    parser.add_argument("change", help="fingerprint, as the stopped run says it")
    parser.add_argument("--by", required=True, help="who approves")
    parser.add_argument("--why", required=True, help="the reason")
    options = parser.parse_args(arguments)
    data = DataDir.from_environment()
    try:
        with take(data):
            approval = approve(Lake(data_dir=str(data.root)), options.change, options.by, options.why)
    except AnotherRunError as error:
        print(error, file=sys.stderr)
        return 2
    except ApprovalError as error:
        print(error, file=sys.stderr)
        return 1
    except dg.Failure as error:  # a damaged file of the lake; it says which and what to do
        print(error.description, file=sys.stderr)
        return 1
    print(f"approved {approval.change}: {approval.records:,} records. Now: make replay")
    return 0


if __name__ == "__main__":
    sys.exit(main())
