"""Damaged and forged files, from a seed: each is read or refused in a line, in time and memory."""

import pytest

from tests.support.mutants import GRANTED_MB, check


@pytest.mark.parametrize(("kind", "count"), [("images", 150), ("videos", 60)])
def test_a_damaged_file_is_read_or_refused(kind: str, count: int) -> None:
    report = check(kind, count)
    assert report.faults == []
    assert report.read + report.refused == count
    assert report.read > count / 10
    assert report.peak_mb < GRANTED_MB
