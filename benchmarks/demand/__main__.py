"""Every demand benchmark, each in its own process: `python -m benchmarks.demand [PART …]`; 1 where a bar is missed."""

from __future__ import annotations

import argparse
import subprocess
import sys

PARTS = ("accuracy", "beside_prophet", "growth")


def main() -> int:
    """Run the parts one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)} (default: all)")
    failed = []
    for part in parser.parse_args().parts or PARTS:
        if part not in PARTS:
            parser.error(f"there is no part {part}: one of {', '.join(PARTS)}")
        print(f"== {part}", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.demand.{part}"]).returncode:
            failed.append(part)
    print(f"Missed: {', '.join(failed)}" if failed else "Every part meets its bars.")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
