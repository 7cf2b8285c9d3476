"""Installed models: verified first, kept beside each other, and never a device without one."""

import io
import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from edge.classifier import Classifier, load_first
from edge.cli import model as cli
from edge.errors import ModelError, OutputError
from edge.model import choice
from edge.model.archive import GOLDEN_NAME
from edge.model.choice import SHIPPED_MODEL, candidates, model_path
from edge.model.store import ModelStore, stores
from tests.support.chain import ROOT
from tests.support.command import edge
from tests.support.model_archive import archive, repacked
from tests.support.photographs import photograph

SOUND = SHIPPED_MODEL.read_bytes()


def happysad(home: Path, *arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return edge(*arguments, cwd=cwd, env={"HAPPYSAD_HOME": str(home)})


def listed(home: Path) -> dict[str, dict[str, object]]:
    done = happysad(home, "model", "list", "--json")
    assert done.returncode == 0, done.stderr
    return {row["name"]: row for row in json.loads(done.stdout)}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where models are installed, of this process too."""
    monkeypatch.setenv("HAPPYSAD_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def liar(tmp_path: Path) -> Path:
    """A sound file whose model does not answer as its golden answers say."""
    with np.load(io.BytesIO(archive(SOUND).read(GOLDEN_NAME))) as golden:
        inputs, scores = golden["inputs"], golden["scores"]
    changed = io.BytesIO()
    np.savez_compressed(changed, inputs=inputs, scores=-scores)
    path = tmp_path / "liar.tflite"
    path.write_bytes(repacked(SOUND, golden=changed.getvalue()))
    return path


def other_model(path: Path) -> Path:
    """The shipped model under another name and with other bytes."""
    contract = archive(SOUND).read("contract.json").replace(b'"name": "faces"', b'"name": "my k!"')
    path.write_bytes(repacked(SOUND, contract=contract))
    return path


def test_a_model_is_verified_kept_and_in_use_from_then_on(home: Path, tmp_path: Path) -> None:
    mine = other_model(tmp_path / "anything.tflite")
    done = happysad(home, "model", "install", mine)
    assert done.returncode == 0, done.stderr
    name = done.stdout.strip()
    assert name.startswith("my-k-")
    assert done.stderr == (
        f"verified, installed in {home / 'models'}, in use from the next start on; back: "
        "'happysad model use faces'\n"
    )
    mine.unlink()
    rows = listed(home)
    assert list(rows) == [name, "faces"]
    assert (rows[name]["in_use"], rows["faces"]["in_use"]) == (True, False)
    answered = happysad(home, "classify", photograph("astronaut.png"))
    assert answered.stdout.startswith("happy")
    assert str(home / "models" / f"{name}.tflite") in answered.stderr
    assert happysad(home, "info", name).stdout.startswith(str(home / "models" / name))


def test_a_model_that_answers_wrongly_is_not_installed(home: Path, liar: Path) -> None:
    done = happysad(home, "model", "install", liar)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {liar} answers its golden inputs differently here (by ")
    assert len(done.stderr.splitlines()) == 1
    assert not home.exists()


def test_the_model_before_is_kept_and_can_be_used_again(home: Path, tmp_path: Path) -> None:
    first = happysad(home, "model", "install", SHIPPED_MODEL).stdout.strip()
    second = happysad(home, "model", "install", other_model(tmp_path / "m.tflite")).stdout.strip()
    (store,) = stores()
    assert (store.current, store.previous) == (second, first)
    assert happysad(home, "model", "use", first).returncode == 0
    assert (store.current, store.previous) == (first, second)
    assert happysad(home, "model", "use", "faces").returncode == 0
    assert (model_path(None), store.previous) == (SHIPPED_MODEL, first)
    assert happysad(home, "model", "use", first).returncode == 0
    assert candidates(None) == [store.find(first), SHIPPED_MODEL]
    assert store.names() == sorted([first, second])


def test_a_model_that_fails_at_a_start_gives_way_to_the_one_before(
    home: Path, liar: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (store,) = stores()
    old = store.install(other_model(tmp_path / "m.tflite").read_bytes(), "old")
    new = store.install(SOUND, "new")
    store.find(new).write_bytes(liar.read_bytes())  # it was right when it was installed
    done = happysad(home, "classify", "--json", photograph("astronaut.png"))
    assert done.returncode == 0
    assert json.loads(done.stdout)["label"] == "happy"
    said, summary = done.stderr.splitlines()
    assert said.startswith(f"{store.find(new)} answers its golden inputs differently here")
    assert said.endswith(f"; falling back to {store.find(old)}")
    assert str(store.find(old)) in summary
    store.find(old).write_bytes(b"gone bad too")
    path, _ = load_first(candidates(None))
    assert path == SHIPPED_MODEL
    assert [line.rpartition("; ")[2] for line in caplog.messages] == [
        f"falling back to {store.find(old)}",
        f"falling back to {SHIPPED_MODEL}",
    ]


def test_the_live_runner_falls_back_too_and_says_so_as_json_for_a_service(
    home: Path, liar: Path, empty_room: Path
) -> None:
    (store,) = stores()
    new = store.install(SOUND, "new")
    store.find(new).write_bytes(liar.read_bytes())
    done = happysad(home, "webcam", "--service", empty_room)
    assert done.returncode == 0
    news = [json.loads(line)["news"] for line in done.stderr.splitlines()]
    assert news[0].endswith(f"; falling back to {SHIPPED_MODEL}")
    assert news[1].endswith(" with the model faces")
    assert [json.loads(line)["label"] for line in done.stdout.splitlines()] == ["no_face"]


def test_a_named_model_that_fails_is_an_error_without_a_fall_back(
    home: Path, liar: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ModelError, match="differently here"):
        load_first(candidates(liar))
    assert caplog.messages == []


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout of the device's part with an exported run, called mine."""
    folder = tmp_path / "clone"
    shutil.copytree(ROOT / "edge", folder / "edge", ignore=shutil.ignore_patterns("__pycache__"))
    run = folder / "runs" / "mine"
    run.mkdir(parents=True)
    (run / "model.keras").touch()
    (run / "model.tflite").write_bytes(SOUND)
    return folder


def test_where_an_export_goes_on_answering_what_is_taken_into_use_does_not_claim_to(
    home: Path, clone: Path, tmp_path: Path
) -> None:
    done = happysad(home, "model", "install", other_model(tmp_path / "m.tflite"), cwd=clone)
    name = done.stdout.strip()
    answering = "in this checkout runs/mine/model.tflite answers unless you say -m"
    assert done.stderr == (
        f"verified, installed in {home / 'models'}, in use from the next start on, but "
        f"{answering} {name}; back: 'happysad model use faces'\n"
    )
    done = happysad(home, "model", "use", "faces", cwd=clone)
    assert done.stderr == (f"faces is in use from the next start on, but {answering} faces\n")


def test_an_export_is_listed_as_it_is_named_and_use_says_how_to_install_it(
    home: Path, clone: Path
) -> None:
    star, _ = happysad(home, "model", "list", cwd=clone).stdout.splitlines()
    assert star.startswith("* mine ")
    path = clone / "runs" / "mine" / "model.tflite"
    assert happysad(home, "info", "mine", cwd=clone).stdout.startswith(str(path))
    done = happysad(home, "model", "use", "mine", cwd=clone)
    assert done.stderr == "error: no model 'mine' is installed: 'model install mine' does it\n"
    (clone / "notes.txt").touch()
    done = happysad(home, "model", "use", "notes.txt", cwd=clone)
    assert done.stderr.endswith("'notes.txt' is installed: 'model list' shows those that are\n")
    path.parent.rename(clone / "runs" / "faces")  # a name that the shipped model has
    star, shipped = happysad(home, "model", "list", cwd=clone).stdout.splitlines()
    assert star.startswith("* runs/faces/model.tflite ")
    assert shipped.startswith("  faces ")


def test_use_and_remove_name_what_is_there(home: Path, liar: Path, tmp_path: Path) -> None:
    name = happysad(home, "model", "install", SHIPPED_MODEL).stdout.strip()
    unknown = happysad(home, "model", "remove", "other")
    assert (unknown.returncode, unknown.stderr) == (1, "error: model 'other' is not installed\n")
    busy = happysad(home, "model", "remove", name)
    assert busy.stderr == f"error: model {name!r} is in use: use another one first\n"
    (store,) = stores()
    with pytest.raises(ModelError) as error:
        store.use("other")
    assert str(error.value) == f"no model 'other' is installed in {store.folder}: {name}"
    assert happysad(home, "model", "use", "faces").returncode == 0
    done = happysad(home, "model", "remove", name)
    (store,) = stores()
    assert (done.returncode, done.stderr) == (0, f"{name} is deleted from {store.folder}\n")
    assert store.names() == []
    assert [path.name for path in store.folder.iterdir()] == ["current"]  # faces, by choice
    other = happysad(home, "model", "use", "other")
    assert (
        other.stderr == "error: no model 'other' is installed: 'model list' shows those that are\n"
    )


def test_a_damaged_installed_model_is_listed_with_what_is_wrong(home: Path) -> None:
    (store,) = stores()
    name = store.install(SOUND, "mine")
    store.find(name).write_bytes(SOUND[:1000])
    assert str(store.find(name)) in str(listed(home)[name]["problem"])
    assert happysad(home, "model", "check").returncode == 1
    assert happysad(home, "model", "check", "faces").stdout.startswith(f"ok: {SHIPPED_MODEL} ")


def test_a_store_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    with pytest.raises(OutputError, match=f"^cannot write {blocked}/models/"):
        ModelStore(blocked / "models").install(SOUND, "mine")


def test_installing_the_same_model_twice_keeps_one(home: Path) -> None:
    (store,) = stores()
    assert store.install(SOUND, "mine") == store.install(SOUND, "mine")
    assert len(store.names()) == 1
    assert store.previous is None
    Classifier(store.find(store.current))


def test_the_machines_models_are_used_by_everybody_and_changed_by_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, machine = ModelStore(tmp_path / "own"), ModelStore(tmp_path / "machine")
    for module in ("edge.model.choice", "edge.model.inventory"):
        monkeypatch.setattr(f"{module}.stores", lambda: [own, machine])
    name = machine.install(SOUND, "new")
    assert model_path(None) == machine.find(name)
    assert model_path(Path(name)) == machine.find(name)
    with pytest.raises(ModelError, match=f"^model {name} is the whole machine's: sudo "):
        cli.use(name)
    cli.use("faces")  # for this user alone
    assert model_path(None) == SHIPPED_MODEL
    assert machine.current == name


def test_a_model_can_be_read_by_all_whatever_the_umask_of_who_installs_it(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models")
    before = os.umask(0o077)
    try:
        path = store.find(store.install(SOUND, "mine"))
    finally:
        os.umask(before)
    assert (path.stat().st_mode & 0o777, store.folder.stat().st_mode & 0o777) == (0o644, 0o755)


def test_a_folder_that_may_not_be_read_is_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read every folder")
    monkeypatch.setenv("HAPPYSAD_HOME", str(tmp_path))
    (store,) = stores()
    store.install(SOUND, "mine")
    store.folder.chmod(0)
    assert model_path(None) == SHIPPED_MODEL
    store.folder.chmod(0o755)


def test_the_packages_own_models_are_checked_whatever_is_installed(home: Path) -> None:
    (store,) = stores()
    store.find(store.install(SOUND, "mine")).write_bytes(SOUND[:1000])
    assert happysad(home, "model", "check").returncode == 1
    done = happysad(home, "model", "check", "--packaged")
    assert done.returncode == 0
    assert done.stdout.startswith(f"ok: {SHIPPED_MODEL} ")


def test_a_run_is_meant_by_its_name_and_by_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "RUNS", tmp_path)
    run = tmp_path / "mine"
    run.mkdir()
    (run / "model.keras").touch()
    for name in (Path("mine"), run):
        assert model_path(name) == run / "model.tflite"
    with pytest.raises(ModelError, match=r"no model at .*/mine/model.tflite: run 'make export'"):
        Classifier(model_path(Path("mine")))
    state = run / "checkpoint" / "state.json"  # it is trained anew
    state.parent.mkdir()
    state.touch()
    os.utime(run / "model.keras", (1, 1))
    for weights in (run / "model.keras", None):
        with pytest.raises(ModelError, match="the run is not finished, go on with: make train ARG"):
            Classifier(model_path(Path("mine")))
        if weights:
            weights.unlink()
    (run / "model.keras").touch()
    os.utime(state, (1, 1))  # stopped early, and kept
    with pytest.raises(ModelError, match="run 'make export' first"):
        Classifier(model_path(Path("mine")))
    for number, name in enumerate(("model.tflite", "model-float16.tflite")):
        (run / name).touch()
        os.utime(run / name, (number, number))
        assert model_path(Path("mine")) == model_path(None) == run / name  # the newest export
    assert model_path(Path("faces")) == SHIPPED_MODEL
    assert model_path(tmp_path / "other") == tmp_path / "other"
