"""Two hosts train the compact network: as one does, and when one of them is lost.

On loopback, and between two network namespaces with addresses of their own (which needs root).
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import keras
import numpy as np
import pytest

from data.drawing import draw_set
from tests.proofs.budget import BUDGET, NoTime
from tests.support.chain import ROOT
from tests.support.training_hosts import Host, chief, free_addresses, helper, telling_helper
from train.run import train_run
from train.settings import Settings

NEED_S = 300.0  # of the budget, for each test
EPOCHS = 60
COMPACT = ("--model", "compact", "--seed", 1)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """320 drawn faces to train on and 500 to measure on, of which five are a point."""
    folder = tmp_path_factory.mktemp("drawn")
    for seed, (part, count) in enumerate({"train": 160, "validation": 250, "test": 20}.items()):
        draw_set(folder / part, per_class=count, seed=seed)
    return folder


@pytest.fixture(autouse=True)
def time() -> None:
    if BUDGET.left_s < NEED_S:
        raise NoTime("two hosts")


def history(run: Path) -> dict[str, list[float]]:
    return dict(json.loads((run / "metrics.json").read_text())["history"])


def test_two_hosts_take_the_steps_that_one_takes(tmp_path: Path) -> None:
    """The losses of six steps on the same pictures, and weights that are equal on both hosts."""
    hosts, module = ",".join(free_addresses(2)), "tests.proofs.hosts.same_steps"
    names = ("first", "second", "alone")
    with ExitStack() as stack:
        started = []
        for index, name in enumerate(names):
            words = ["-m", module, tmp_path / f"{name}.npz", *([hosts, index] if index < 2 else [])]
            started.append(stack.enter_context(Host(words, tmp_path, name)))
        for host in started:
            assert host.ended() == 0, host.said
    first, second, alone = (dict(np.load(tmp_path / f"{name}.npz")) for name in names)
    np.testing.assert_allclose(first["losses"][0], alone["losses"][0], rtol=1e-5)
    np.testing.assert_allclose(first["losses"], alone["losses"], rtol=0.01)
    assert first.keys() == second.keys()
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name])


@pytest.mark.lengthy
def test_two_hosts_train_as_one_does(drawn: Path, tmp_path: Path) -> None:
    addresses = free_addresses(2)
    words = ("--data", drawn, *COMPACT, "--epochs", EPOCHS, "--name", "two")
    with (
        telling_helper(addresses, tmp_path, drawn) as other,
        chief(addresses, tmp_path, *words) as first,
    ):
        assert first.ended() == 0, first.said
        assert other.ended() == 0, other.said
    weights = [
        keras.models.load_model(path, compile=False).get_weights()
        for path in (tmp_path / "runs" / "two" / "model.keras", tmp_path / "helper.keras")
    ]
    for mine, theirs in zip(*weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    settings = Settings(data=str(drawn), model="compact", epochs=EPOCHS, seed=1)
    alone = train_run(tmp_path / "runs" / "one", settings)["history"]
    together = history(tmp_path / "runs" / "two")
    assert len(together["val_accuracy"]) == EPOCHS
    assert alone["val_accuracy"][-1] > 0.9
    assert abs(together["val_accuracy"][-1] - alone["val_accuracy"][-1]) <= 0.01
    print(  # noqa: T201
        f"\none host {alone['val_accuracy'][-1]:.1%}, two {together['val_accuracy'][-1]:.1%}"
    )


@pytest.mark.parametrize("who", ["helper", "chief"])
def test_a_host_that_is_killed_ends_the_others_in_one_line_and_the_run_goes_on(
    drawn: Path, tmp_path: Path, who: str
) -> None:
    addresses = free_addresses(2)
    words = ("--data", drawn, *COMPACT, "--epochs", 12, "--name", "lost")
    with (
        helper(addresses, tmp_path, drawn) as other,
        chief(addresses, tmp_path, *words) as first,
    ):
        first.until_said("epoch   2")
        killed, left = (other, first) if who == "helper" else (first, other)
        killed.process.kill()
        assert left.ended() == 1, left.said
    lost = 1 if who == "helper" else 0
    again = "this one" if who == "helper" else f"host 0 ({addresses[0]})"
    named = " --name lost" if who == "helper" else ""
    assert left.said.splitlines()[-1] == (
        f"error: host {lost} ({addresses[lost]}) is gone: start all hosts again, {again} with "
        f"--resume{named}"
    )
    assert sum("error" in line for line in left.said.splitlines()) == 1
    if who == "chief":  # half a minute had not passed since the start
        return
    done = json.loads((tmp_path / "runs/lost/checkpoint/state.json").read_text())["epochs_done"]
    assert done >= 2
    addresses = free_addresses(2)
    with (
        helper(addresses, tmp_path, drawn) as other,
        chief(addresses, tmp_path, "--resume", "--name", "lost") as first,
    ):
        assert first.ended() == 0, first.said
        assert other.ended() == 0, other.said
    assert f"epoch {done + 1:3}" in first.said
    assert f"epoch {done:3} " not in first.said
    assert other.printed == f"done: host 0 ({addresses[0]}) has written the run\n"
    assert len(history(tmp_path / "runs" / "lost")["loss"]) == 12


ADDRESSES = ("10.199.77.1", "10.199.77.2")
NAMES = ("happysad-a", "happysad-b")


@pytest.fixture
def namespaces() -> Iterator[list[list[str]]]:
    """Two network namespaces with a cable between them: what stands before a command in each."""
    with ExitStack() as stack:
        for name in NAMES:
            if ip("netns", "add", name).returncode:
                pytest.skip("no network namespace can be made: that needs root and iproute2")
            stack.callback(ip, "netns", "del", name)
        made = [ip("link", "add", "hs-a", "netns", NAMES[0], "type", "veth",
                   "peer", "name", "hs-b", "netns", NAMES[1])]  # fmt: skip
        for name, link, address in zip(NAMES, ("hs-a", "hs-b"), ADDRESSES, strict=True):
            made.append(ip("-n", name, "addr", "add", f"{address}/24", "dev", link))
            made += [ip("-n", name, "link", "set", each, "up") for each in ("lo", link)]
        if failed := [each.stderr for each in made if each.returncode]:
            pytest.skip(f"no cable can be made: {failed[0]}")
        yield [["ip", "netns", "exec", name] for name in NAMES]


def ip(*words: str) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(["ip", *words], capture_output=True, text=True, cwd=ROOT)
    except FileNotFoundError as error:
        pytest.skip(f"no network namespace can be made: {error}")


def test_hosts_with_addresses_of_their_own_train_until_the_cable_is_pulled(
    drawn: Path, tmp_path: Path, namespaces: list[list[str]]
) -> None:
    addresses = [f"{address}:2222" for address in ADDRESSES]
    words = ("--data", drawn, *COMPACT, "--epochs", 500, "--name", "cable")
    first: Host
    with (
        helper(addresses, tmp_path, drawn, namespaces[1]) as other,
        chief(addresses, tmp_path, *words, prefix=namespaces[0]) as first,
    ):
        first.until_said("epoch   2")
        assert ip("-n", NAMES[1], "link", "set", "hs-b", "down").returncode == 0
        for host in (first, other):
            assert host.ended() == 1, host.said
            assert "is gone: start all hosts again" in host.said.splitlines()[-1]
