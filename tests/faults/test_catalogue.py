"""The page and the tests say the same: every fault of the table is provoked, none is provoked that it lacks."""

from tests.faults import (
    test_backfill_kills,
    test_kills,
    test_machine,
    test_machine_files,
    test_publication_kills,
    test_sources,
)
from tests.faults.catalogue import BACKFILLS, DAMAGE, FAULTS, KILLS, MACHINE, PAGE, PUBLICATIONS, SOURCES, page


def test_the_page_is_what_the_table_says():
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew: make docs"


def test_there_are_forty_faults_with_names_of_their_own():
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 40


def test_every_fault_is_provoked():
    in_last_run = {"left-overs", "time-zone", "reader"}
    assert set(test_kills.HOW) | {"kill-first-night"} == {fault.name for fault in KILLS}
    assert set(test_backfill_kills.HOW) == {fault.name for fault in BACKFILLS}
    assert set(test_publication_kills.HOW) == {fault.name for fault in PUBLICATIONS}
    assert set(test_machine.HOW) | in_last_run == {fault.name for fault in MACHINE}
    damages = set(test_machine_files.TOLD) | set(test_machine_files.REBUILT) | set(test_machine_files.UNNOTICED)
    damages |= {test_machine_files.PUBLISHED_ANEW, test_machine_files.FITTED_ANEW}
    assert damages == {fault.name for fault in DAMAGE}
    deliveries = set(test_sources.DELIVERED) | set(test_sources.TALKING) | test_sources.CONNECTED
    assert deliveries == {fault.name for fault in SOURCES}
