"""What is essential comes first, then what is soon, what is lengthy last.

To miss the first may be a failure.
"""

from collections.abc import Generator

import pytest

from tests.proofs.budget import BUDGET, NoTime

ESSENTIAL, SOON, LENGTHY = "essential", "soon", "lengthy"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{ESSENTIAL}: not to be skipped where there is time for it")
    config.addinivalue_line("markers", f"{SOON}: comes right after what is essential")
    config.addinivalue_line("markers", f"{LENGTHY}: takes minutes, comes last")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(
        key=lambda item: (
            item.get_closest_marker(ESSENTIAL) is None,
            item.get_closest_marker(SOON) is None,
            item.get_closest_marker(LENGTHY) is not None,
        )
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    has_no_time = call.excinfo is not None and call.excinfo.errisinstance(NoTime)
    if has_no_time and item.get_closest_marker(ESSENTIAL) and BUDGET.is_enough:
        report.outcome = "failed"
        report.longrepr = f"{call.excinfo.value}, and this machine seemed to be fast enough"
    return report
