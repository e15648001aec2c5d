"""Every promoted model beside every baseline on public purchases: `python -m benchmarks.intelligence [PART …]`.

The Complete Journey and CDNOW, split strictly in time. Each part prints its own table and bars; exit code 1 where one
of them fails.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from importlib.util import find_spec

PARTS = ("churn", "lifetime_value", "recommend")


def main() -> int:
    """Run the parts one after the other, each in a process of its own; 1 where one failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)} (default: all)")
    chosen = parser.parse_args().parts or PARTS
    failed = []
    for part in chosen:
        name = f"benchmarks.intelligence.{part}"
        if part not in PARTS or find_spec(name) is None:
            parser.error(f"there is no part {part}: one of {', '.join(PARTS)}")
        print(f"== {part}", flush=True)
        if subprocess.run([sys.executable, "-m", name]).returncode:
            failed.append(part)
    print(f"Missed: {', '.join(failed)}" if failed else "Every part meets its bars.")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
