"""Two cores, two workers: tests that share one company are run by one worker; the rest go by file."""

import gc
import os
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

os.environ.setdefault("PIPELINE_TOKEN_KEY", "not-a-secret, but long enough for every test")
for _target in ("SERVING_POSTGRES_DSN", "SERVING_DUCKDB"):  # no test publishes where a person does
    os.environ.pop(_target, None)


# Machines are shared: how long an example took says nothing of the code.
hypothesis.settings.register_profile("shared machine", deadline=None)
hypothesis.settings.load_profile("shared machine")

_SETTINGS, _FEW_EXAMPLES = "_hypothesis_internal_use_settings", 5
_SHARED = ("tests/e2e", "tests/faults", "tests/unit/demo_company")


class _ByFileAndCompany(LoadFileScheduling):
    """By hand, because the groups of `--dist loadgroup` are lost with pytest 9.2 (a test's id can't be changed)."""

    def _split_scope(self, nodeid: str) -> str:
        shared = next((folder for folder in _SHARED if nodeid.startswith(f"{folder}/")), None)
        return shared or super()._split_scope(nodeid)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`make test-fast` tries a third of each property's examples; `make test` tries them all."""
    if config.option.markexpr != "not slow":
        return
    for item in items:
        # Hypothesis has no other way to change what a test asked for itself.
        tried: hypothesis.settings | None = getattr(getattr(item, "obj", None), _SETTINGS, None)
        if tried is not None and tried.max_examples > _FEW_EXAMPLES:
            few = max(tried.max_examples // 3, _FEW_EXAMPLES)
            setattr(item.obj, _SETTINGS, hypothesis.settings(tried, max_examples=few))


def pytest_collection_finish() -> None:
    """The libraries' millions of objects stay: looking through them for garbage again and again took a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    """How tests are handed to workers when there are several."""
    return _ByFileAndCompany(config, log)
