"""What `dagster dev` does first: load the code, without one warning."""

import os
import subprocess
import sys
from pathlib import Path

from orchestration.nightly import prepare_home
from orchestration.paths import PROJECT_DIR, DataDir


def test_the_definitions_load_without_a_warning(tmp_path):
    data = DataDir(tmp_path / "data")
    environment = os.environ | {
        "PIPELINE_DATA_DIR": str(data.root),
        "DAGSTER_HOME": str(prepare_home(data)),
        "PYTHONWARNINGS": "default::UserWarning,default::FutureWarning",
    }
    done = subprocess.run(
        [Path(sys.executable).with_name("dagster"), "definitions", "validate", "--workspace", "workspace.yaml"],
        cwd=PROJECT_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "customer-intelligence" in said
    suspicious = [
        line for line in said.splitlines() if "warning" in line.lower() and "definitions_validate_command" not in line
    ]
    assert suspicious == []
