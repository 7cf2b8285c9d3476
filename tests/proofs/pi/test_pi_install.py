"""`install.sh` on emulated Pis: installed, upgraded, gone back, interrupted, refused, removed."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.proofs.pi.answers import Answers
from tests.proofs.pi.bundles import our_wheel, reseal, unpacked, with_damaged_model
from tests.proofs.pi.emulated_pi import EmulatedPi, paths
from tests.proofs.pi.systems import ByName, essential_first

NEXT = "/root/next"  # another bundle in the root


@pytest.fixture
def pi(pis: ByName[EmulatedPi], answers: ByName[Answers], tmp_path: Path) -> Iterator[EmulatedPi]:
    """A Pi to be used up: a copy of one where it is installed."""
    original = pis["bookworm+numpy"]
    answers.wait_for("bookworm+numpy")  # it has to be at rest while it is copied
    copy = replace(original, root=original.root.copied(tmp_path / "root"))
    yield copy
    copy.root.remove()


def next_bundle(pi: EmulatedPi) -> Path:
    """Another version of the bundle, as `NEXT` in the root; where it is on this machine."""
    folder = pi.root.at(NEXT)
    subprocess.run(["cp", "-a", pi.root.at(pi.bundle), folder], check=True)
    with (folder / "happysad.service").open("a") as unit:
        unit.write("# the next version\n")
    reseal(folder)
    return folder


def works(pi: EmulatedPi) -> bool:
    return pi.root.run("happysad", "model", "check").returncode == 0


def is_one_line(text: str) -> bool:
    return text.startswith("error: ") and text.count("\n") == 1


@essential_first
def test_it_installs_and_says_what_it_did(system: str, pis: ByName[EmulatedPi]) -> None:
    pi = pis[system]
    assert pi.installed.returncode == 0, pi.installed.stderr
    assert pi.installed.stderr == ""
    assert f"Installed: {pi.version()}" in pi.installed.stdout
    assert "the command is /usr/local/bin/happysad" in pi.installed.stdout
    # Here it needed no python3-venv, which is where ensurepip comes from.
    has_ensurepip = pi.root.run("python3", "-c", "import ensurepip").returncode == 0
    assert has_ensurepip == system.endswith("+numpy")


def test_once_more_changes_nothing(pi: EmulatedPi) -> None:
    before = paths(pi.root)
    done = pi.installer()
    assert done.returncode == 0, done.stderr
    assert f"Version {pi.version()} is installed already" in done.stdout
    assert paths(pi.root) == before


def test_an_upgrade_keeps_the_version_before_and_goes_back_to_it(pi: EmulatedPi) -> None:
    old = pi.version()
    next_bundle(pi)
    done = pi.installer(bundle=NEXT)
    assert done.returncode == 0, done.stderr
    assert pi.version() not in ("", old)
    new = pi.version()
    assert (pi.version("previous"), works(pi)) == (old, True)
    for current, previous in ((old, new), (new, old)):
        assert pi.installer("--rollback").returncode == 0
        assert (pi.version(), pi.version("previous")) == (current, previous)
        assert works(pi)


def test_a_damaged_bundle_is_refused_and_the_version_before_stays(pi: EmulatedPi) -> None:
    old, before = pi.version(), paths(pi.root)
    wheel = our_wheel(next_bundle(pi))
    content = bytearray(wheel.read_bytes())
    content[len(content) // 2] ^= 1
    wheel.write_bytes(content)
    done = pi.installer(bundle=NEXT)
    assert done.returncode == 1
    assert "this bundle is damaged" in done.stderr
    assert wheel.name in done.stderr
    assert (pi.version(), paths(pi.root)) == (old, before)
    assert works(pi)


def test_a_version_that_does_not_answer_rightly_never_becomes_the_current_one(
    pi: EmulatedPi,
) -> None:
    old, before = pi.version(), paths(pi.root)
    bundle = next_bundle(pi)
    with_damaged_model(our_wheel(bundle))
    reseal(bundle)
    done = pi.installer(bundle=NEXT)
    assert done.returncode == 1
    assert "what was installed before is as it was" in done.stderr
    assert (pi.version(), paths(pi.root)) == (old, before)
    assert works(pi)


def test_an_interrupted_upgrade_leaves_the_version_before(pi: EmulatedPi) -> None:
    old, before = pi.version(), paths(pi.root)
    next_bundle(pi)
    # The half-made version has a folder of its own once it is at work.
    done = pi.root.shell(
        f"{NEXT}/install.sh & installer=$!\n"
        "until [ $(ls /opt/happysad/versions | wc -l) = 2 ]; do sleep 0.2; done\n"
        "kill -TERM $installer; wait $installer"
    )
    assert done.returncode == 143
    assert (pi.version(), paths(pi.root)) == (old, before)
    assert works(pi)


def test_uninstalling_leaves_nothing(pi: EmulatedPi) -> None:
    done = pi.installer("--uninstall")
    assert done.returncode == 0, done.stderr
    left = {path for path in paths(pi.root) - pi.untouched if "__pycache__" not in path}
    assert left == set()  # Python's own modules were compiled when they were first used


def test_a_bundle_for_another_release_is_refused_in_one_line(
    pi: EmulatedPi, bundles: dict[str, Path]
) -> None:
    before = paths(pi.root)
    bundle = unpacked(bundles["trixie"], pi.root.at("/root"))
    done = pi.installer(bundle=f"/root/{bundle.name}")
    assert done.returncode == 1
    assert is_one_line(done.stderr)
    assert "for trixie with Python 3.13; this system has 3.11" in done.stderr
    assert paths(pi.root) == before


def test_another_machine_is_refused_in_one_line(bundles: dict[str, Path], tmp_path: Path) -> None:
    bundle = unpacked(bundles["bookworm"], tmp_path)
    done = subprocess.run(
        [bundle / "install.sh", "--prefix", tmp_path / "opt", "--bin", tmp_path / "bin"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert is_one_line(done.stderr)
    assert "this bundle is for a 64-bit system on aarch64" in done.stderr
    assert not (tmp_path / "opt").exists()


def test_a_python_without_venv_is_named_with_what_to_install(pi: EmulatedPi) -> None:
    before = paths(pi.root)
    pi.root.at("/usr/lib/python3.11/venv").rename(pi.root.at("/root/venv"))
    next_bundle(pi)
    done = pi.installer(bundle=NEXT)
    assert done.returncode == 1
    assert is_one_line(done.stderr)
    assert "sudo apt install python3-venv" in done.stderr
    assert paths(pi.root) <= before


def test_without_root_it_installs_into_the_home(pi: EmulatedPi) -> None:
    done = pi.root.shell(
        f"mkdir -p /home/pi && cp -a {pi.bundle} /home/pi/bundle && chown -R 1000:1000 /home/pi\n"
        "as_pi() {\n"
        '    setpriv --reuid 1000 --regid 1000 --clear-groups env HOME=/home/pi USER=pi "$@"\n'
        "}\n"
        "as_pi /home/pi/bundle/install.sh && as_pi /home/pi/.local/bin/happysad model check"
    )
    assert done.returncode == 0, done.stderr
    assert "Note: /home/pi/.local/bin is not in your PATH" in done.stdout


def test_the_wheel_installs_with_debians_own_pip(pi: EmulatedPi) -> None:
    done = pi.root.shell(
        "python3 -m venv --system-site-packages /root/env &&\n"
        f"/root/env/bin/pip install -q --no-index --find-links {pi.bundle}/wheels "
        f"{pi.bundle}/wheels/happysad-*.whl && /root/env/bin/happysad model check"
    )
    assert done.returncode == 0, done.stderr
    assert "answers all 4 golden inputs correctly with ai-edge-litert" in done.stdout
