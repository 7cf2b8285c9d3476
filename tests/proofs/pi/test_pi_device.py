"""The project's own tests of the device, run on emulated Pis against what is installed there."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from edge.errors import OutputError
from pi.release import RELEASES
from tests.proofs.pi.device_tests import command, put_tests
from tests.proofs.pi.emulated_pi import EmulatedPi
from tests.proofs.pi.notes import note
from tests.proofs.pi.systems import ByName, release_of

CHOSEN = ("bookworm+numpy", "trixie+numpy")  # a Pi 4 with numpy 1, a Pi 5 with numpy 2
FOLDER = "/root/check"


@pytest.fixture(scope="module")
def runs(
    pis: ByName[EmulatedPi], pool: ThreadPoolExecutor
) -> ByName[subprocess.CompletedProcess[str]]:
    for system in CHOSEN:
        try:
            put_tests(pis[system].root.at(FOLDER), RELEASES[release_of(system)])
        except OutputError as error:
            pytest.skip(str(error))

    def run(system: str) -> subprocess.CompletedProcess[str]:
        # The Python that the command's first line names.
        python = f"/opt/happysad/versions/{pis[system].version()}/bin/python"
        return pis[system].root.shell(f"cd {FOLDER} && {command(python)}")

    return ByName(pool, run).begin(CHOSEN)


@pytest.mark.lengthy
@pytest.mark.parametrize("system", CHOSEN)
def test_the_devices_own_tests_pass(
    system: str, runs: ByName[subprocess.CompletedProcess[str]]
) -> None:
    assert runs[system].returncode == 0, runs[system].stdout
    note("the device's own tests", f"{system}: {runs[system].stdout.splitlines()[-1]}")


def test_the_benchmark_runs_there_and_measures_every_part(pis: ByName[EmulatedPi]) -> None:
    done = pis[CHOSEN[0]].edge("benchmark", "--rounds", "1", "--json", "--image", "drawn/0.png")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["machine"]["cpu"]
    assert {timing["input"] for timing in figures["inference"]["timings"]} == {"48x48x1"}
    (step,) = figures["steps"]
    assert step["scene"] == "0.png"
    assert figures["start"]["first_answer"]
