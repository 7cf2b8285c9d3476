"""Fixtures: the real chain from drawn faces to an exported model, once a session."""

import os
import shutil
import signal

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["HAPPYSAD_HOME"] = "/nowhere"  # models that the user has installed are not the tests'

import pytest

from data import read_listing
from data.drawing import draw_set
from tests.support.chain import Chain
from tests.support.turns import turn

# A shell starts what runs in the background with SIGINT ignored, which every child would inherit.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    from export.exporter import export_run
    from train.run import train_run
    from train.settings import Settings

    # Processes that run the tests side by side have folders of their own in one that they share.
    base = tmp_path_factory.getbasetemp()
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "chain"
    images, run = home / "images", home / "runs" / "drawn"
    with turn(home.with_name("chain.lock")):
        if not (run / "model.tflite").exists():
            shutil.rmtree(home, ignore_errors=True)
            draw_set(images, per_class=160)
            train_run(run, Settings(data=str(images)))
            export_run(run, "int8", allow_drop=True)  # one image more or less is a point here
    files = read_listing(run / "images.csv")
    return Chain(images, run, tuple(file for file in files if file.part == "test"))
