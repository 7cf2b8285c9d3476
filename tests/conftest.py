"""Fixtures: the real chain from drawn faces to an exported model, once a session: `make demo`."""

import os
import shutil
import signal

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["HAPPYSAD_HOME"] = "/nowhere"  # models that the user has installed are not the tests'

import pytest

from data import read_listing
from tests.support.chain import Chain
from tests.support.checkout import copied, make
from tests.support.turns import turn

# A shell starts what runs in the background with SIGINT ignored, which every child would inherit.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    # Processes that run the tests side by side have folders of their own in one that they share.
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "chain"
    checkout, said = home / "happysad", home / "said.txt"
    with turn(home.with_name("chain.lock")):
        if not said.exists():
            shutil.rmtree(home, ignore_errors=True)
            done = make(copied(checkout), "demo")
            assert done.returncode == 0, done.stderr
            said.write_text(done.stdout)
    run = checkout / "runs" / "demo"
    files = read_listing(run / "images.csv")
    tested = tuple(file for file in files if file.part == "test")
    return Chain(checkout / "data" / "drawn", run, tested, said.read_text())
