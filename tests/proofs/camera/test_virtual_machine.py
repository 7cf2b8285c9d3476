"""Where the virtual machine is not possible, it says so in one line."""

import os
import subprocess

from tests.proofs.camera.virtual_machine import NOT_ALLOWED, SCRIPT


def test_without_root_it_is_one_line_and_a_code_of_its_own() -> None:
    as_nobody = ["setpriv", "--reuid", "65534", "--clear-groups"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*as_nobody, "bash", "-s", "prepare", "packages"],  # -s: nobody may not enter every folder
        input=SCRIPT.read_text(), env=os.environ | {"HOME": "/"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == NOT_ALLOWED
    assert done.stdout == ""
    assert done.stderr == "no proof on a video device here: it needs root, for chroot\n"
