"""Fixtures: emulated Pis with the bundle installed, their answers, and those of this machine."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.proofs.budget import BUDGET, NoTime
from tests.proofs.pi.answers import Answers, ask, put_scripts
from tests.proofs.pi.bundles import make_bundle, unpacked
from tests.proofs.pi.computer import Computer, counterpart
from tests.proofs.pi.emulated_pi import EmulatedPi, installed_pi
from tests.proofs.pi.inputs import make_inputs
from tests.proofs.pi.notes import note, sections
from tests.proofs.pi.sizes import SIZES, size_line
from tests.proofs.pi.systems import AT_ONCE, RELEASES, SYSTEMS, ByName, release_of


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    make_inputs(folder)
    put_scripts(folder)
    return folder


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = tmp_path_factory.mktemp("dist")
    return {release: make_bundle(release, out) for release in RELEASES}


@pytest.fixture(scope="session")
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield pool


@pytest.fixture(scope="session")
def asked_pis(
    bundles: dict[str, Path],
    inputs: Path,
    pool: ThreadPoolExecutor,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[ByName[EmulatedPi], ByName[Answers]]]:
    home = tmp_path_factory.mktemp("roots")

    def install(system: str) -> EmulatedPi:
        archive = bundles[release_of(system)]
        pi = installed_pi(system, SYSTEMS[system], archive, inputs, home / system)
        if pi.installed.returncode == 0:
            folder = pi.root.at("/opt/happysad/versions") / pi.version()
            note(SIZES, size_line(f"{system}, aarch64", folder))
        return pi

    pis = ByName(pool, install)
    answers = ByName(pool, lambda system: ask(pis[system]))
    others = [system for system in SYSTEMS if system not in RELEASES]
    for systems in (RELEASES, others):  # the essential ones first
        pis.begin(systems)
        answers.begin(systems)
    yield pis, answers
    pool.shutdown(cancel_futures=True)
    for pi in pis.there():
        pi.root.remove()


@pytest.fixture(scope="session")
def pis(asked_pis: tuple[ByName[EmulatedPi], ByName[Answers]]) -> ByName[EmulatedPi]:
    return asked_pis[0]


@pytest.fixture(scope="session")
def answers(asked_pis: tuple[ByName[EmulatedPi], ByName[Answers]]) -> ByName[Answers]:
    return asked_pis[1]


@pytest.fixture(scope="session")
def computers(
    bundles: dict[str, Path], inputs: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Computer]:
    home = tmp_path_factory.mktemp("computers")
    return {
        release: counterpart(release, unpacked(archive, home), inputs, home / f"{release}-wheel")
        for release, archive in bundles.items()
    }


@pytest.fixture(scope="session")
def expected(computers: dict[str, Computer]) -> dict[str, Answers]:
    return {release: ask(computer) for release, computer in computers.items()}


def pytest_runtest_setup() -> None:
    if not BUDGET.left_s:
        raise NoTime("it")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for name, lines in sections():
        terminalreporter.section(name)
        for line in lines:
            terminalreporter.write_line(line)
