"""Where keys are configured, only what one of them has signed is installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from edge.cli import model as cli
from edge.errors import ModelError
from edge.model.choice import SHIPPED_MODEL
from edge.model.signature import check_signature, check_unsigned
from edge.model.store import stores
from tests.support.command import edge

pytestmark = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="no ssh-keygen here")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store that asks for the signature of a key, whose private half is `key` beside it."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HAPPYSAD_HOME", str(home))
    make_key(tmp_path / "key")
    public = (tmp_path / "key.pub").read_text()
    (home / "signers").write_text(f"happysad {public}")
    return home


def make_key(path: Path) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(command, check=True)


def sign(file: Path, key: Path, namespace: str = "happysad") -> None:
    file.with_name(f"{file.name}.sig").unlink(missing_ok=True)
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", str(key), str(file)]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return Path(shutil.copy(SHIPPED_MODEL, tmp_path / "m.tflite"))


def test_a_signed_model_is_installed_and_an_unsigned_one_is_not(
    home: Path, file: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError) as error:
        cli.install(file)
    assert str(error.value) == (
        f"{file} is not signed, and {home}/signers asks for it: copy m.tflite.sig beside it "
        "(made by 'ssh-keygen -Y sign -n happysad -f KEY m.tflite')"
    )
    assert not (home / "models").exists()
    sign(file, tmp_path / "key")
    cli.install(file)
    assert len(stores()[0].names()) == 1


def test_another_key_another_purpose_and_another_content_are_refused(
    home: Path, file: Path, tmp_path: Path
) -> None:
    content = file.read_bytes()
    make_key(tmp_path / "other")
    for key, namespace, signed in (
        ("other", "happysad", content), ("key", "file", content), ("key", "happysad", b"before"),
    ):  # fmt: skip
        file.write_bytes(signed)
        sign(file, tmp_path / key, namespace)
        with pytest.raises(ModelError, match=f"^{file} is not signed by a key in {home}/signers "):
            check_signature(content, file, home / "signers")


def test_without_keys_nothing_is_asked_for(file: Path, tmp_path: Path) -> None:
    check_signature(file.read_bytes(), file, tmp_path / "signers")
    check_unsigned(tmp_path / "signers")


def test_what_is_taught_here_is_not_installed_and_trying_is_allowed(
    home: Path, tmp_path: Path
) -> None:
    done = edge("teach", tmp_path)
    assert (done.returncode, done.stderr) == (
        1,
        f"error: what is taught here is not signed, and {home}/signers asks for it: teach on a "
        "device without that file, sign the model there and install it here\n",
    )
    tried = edge("teach", tmp_path, "--try")
    assert "has no folders" in tried.stderr  # it goes on to the pictures
