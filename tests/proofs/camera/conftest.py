"""The one fixture: what happened in a virtual machine with video devices, once a session."""

import pytest

from tests.proofs.camera.virtual_machine import Evidence, gather


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return gather(tmp_path_factory.mktemp("camera"))
