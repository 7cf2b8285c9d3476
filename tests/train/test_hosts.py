"""Training on several hosts: how they are named, and two processes that do it.

What they do when one is lost is in tests/proofs/hosts.
"""

import json
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np
import pytest

from data.drawing import draw_set
from tests.support.command import run_module
from tests.support.training_hosts import chief, free_addresses, telling_helper
from train.hosts.given import Hosts, HostsError, given_hosts
from train.settings import Settings

TWO = {"worker": ["a:2222", "b:2222"]}


def tf_config(cluster: object, kind: str = "worker", index: object = 0) -> dict[str, str]:
    task = {"type": kind, "index": index}
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": task})}


@pytest.mark.parametrize(
    ("named", "index", "environment", "hosts"),
    [
        (None, None, {}, None),
        ("a:1,b:2", 1, {}, Hosts(("a:1", "b:2"), 1)),
        ("10.0.0.1:1, [fe80::1]:2", 0, tf_config(TWO), Hosts(("10.0.0.1:1", "[fe80::1]:2"), 0)),
        (None, None, tf_config(TWO, index=1), Hosts(("a:2222", "b:2222"), 1)),
        (None, None, tf_config({"chief": ["c:1"], **TWO}), Hosts(("c:1", "a:2222", "b:2222"), 1)),
        (None, None, tf_config({"chief": ["c:1"], **TWO}, "chief"),
         Hosts(("c:1", "a:2222", "b:2222"), 0)),
        (None, None, tf_config({"worker": ["a:1"]}), None),  # one host is none
        (None, None, tf_config({}), None),
    ],
)  # fmt: skip
def test_hosts_are_named_by_options_or_by_tf_config(
    named: str | None, index: int | None, environment: dict[str, str], hosts: Hosts | None
) -> None:
    assert given_hosts(named, index, environment) == hosts
    assert hosts is None or hosts.is_chief == (hosts.index == 0)


@pytest.mark.parametrize(
    ("named", "index", "environment", "message"),
    [
        ("a:1,b:2", None, {}, "--hosts needs --index, the number of this host among them, from 0"),
        (None, 1, {}, "--index goes with --hosts"),
        ("a:1", 0, {}, "--hosts: two or more different addresses are needed"),
        ("a:1,a:1", 0, {}, "--hosts: two or more different addresses are needed"),
        ("a:1,b", 0, {}, "--hosts: 'b' is no address: name:port"),
        ("a:1,b:0", 0, {}, "--hosts: 'b:0' is no address: name:port"),
        ("a:1,b:2", 2, {}, "--hosts: there is no host 2 among 2, from 0"),
        (None, None, {"TF_CONFIG": "{"}, "TF_CONFIG is not as TensorFlow defines it"),
        (None, None, {"TF_CONFIG": "[]"}, "TF_CONFIG is not as TensorFlow defines it"),
        (None, None, tf_config(TWO, index="x"), "TF_CONFIG is not as TensorFlow defines it"),
        (None, None, tf_config(TWO, "evaluator"),
         "TF_CONFIG: only tasks called chief and worker train together"),
        (None, None, tf_config({**TWO, "ps": ["p:1"]}),
         "TF_CONFIG: only tasks called chief and worker train together"),
        (None, None, tf_config(TWO, index=2), "TF_CONFIG: there is no host 2 among 2, from 0"),
    ],
)  # fmt: skip
def test_hosts_that_cannot_be_meant_are_refused(
    named: str | None, index: int | None, environment: dict[str, str], message: str
) -> None:
    with pytest.raises(HostsError) as raised:
        given_hosts(named, index, environment)
    assert str(raised.value) == message


def test_what_several_hosts_do_not_train_is_wrong_usage() -> None:
    done = run_module(
        "train", "--hosts", "a:1,b:2", "--index", "0", "--model", "faces", env={"COLUMNS": "200"}
    )
    assert done.returncode == 2
    assert "several hosts train the exercise's or the compact network" in done.stderr


@pytest.mark.parametrize(
    "settings", [Settings("data", model="faces"), Settings("data", model="compact", init="faces")]
)
def test_what_several_hosts_do_not_train_they_do_not_go_on_with(
    settings: Settings, tmp_path: Path
) -> None:
    kept = tmp_path / "mine" / "checkpoint"
    kept.mkdir(parents=True)
    (kept / "config.json").write_text(json.dumps({"settings": asdict(settings)}))
    (kept / "state.json").touch()
    words = ("--resume", "--name", "mine", "--runs", tmp_path)
    done = run_module("train", *words, "--hosts", "a:1,b:2", "--index", 0, env={"COLUMNS": "200"})
    assert done.returncode == 2
    assert "several hosts train the exercise's or the compact network" in done.stderr


@pytest.mark.long
def test_two_processes_train_one_network_and_the_first_writes_it(tmp_path: Path) -> None:
    draw_set(tmp_path / "drawn", per_class=20)
    addresses, words = free_addresses(2), ("--data", tmp_path / "drawn", "--name", "two")
    options = ("--size", 48, "--epochs", 2, "--batch-size", 9)  # and one is left over, for two
    with (
        telling_helper(addresses, tmp_path, tmp_path / "drawn") as other,
        chief(addresses, tmp_path, *words, *options) as first,
    ):
        assert first.ended() == 0, first.said
        assert other.ended() == 0, other.said
    trained, its = (
        keras.models.load_model(path, compile=False).get_weights()
        for path in (tmp_path / "runs" / "two" / "model.keras", tmp_path / "helper.keras")
    )
    for host in (first, other):
        told = [line for line in host.said.splitlines() if line.startswith("epoch")]
        assert len(told) == 2
        assert "validation" in told[0]
    metrics = json.loads((tmp_path / "runs" / "two" / "metrics.json").read_text())
    assert metrics["kept_epoch"] in (1, 2)
    for mine, theirs in zip(trained, its, strict=True):
        np.testing.assert_array_equal(mine, theirs)
