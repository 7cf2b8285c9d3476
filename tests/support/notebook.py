"""The notebook of docs/: run by nbclient, and written with what it showed.

    python -m tests.support.notebook

runs it and puts the outputs into it, for those who read it without running it.
"""

import hashlib
import os
import tempfile
from pathlib import Path

import nbclient
import nbformat

from tests.support.chain import ROOT

PATH = ROOT / "docs" / "notebook.ipynb"
TIMEOUT_S = 600  # a cell that waits for ever
PASSING = ("execution", "transient")  # of the metadata: times of day


def read_notebook(path: Path = PATH) -> nbformat.NotebookNode:
    """The notebook in a file, checked against the format."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def run_notebook(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Runs all cells in docs/, in a process of their own; their outputs are put into them.

    Raises:
        nbclient.exceptions.CellExecutionError: A cell ended in an error.
    """
    client = nbclient.NotebookClient(
        notebook, timeout=TIMEOUT_S, kernel_name="python3",
        extra_arguments=["--log-level=ERROR"],  # it warns of sockets on loopback
        resources={"metadata": {"path": str(PATH.parent)}},
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:  # what was typed, and what it writes
        client.execute(env={**os.environ, "IPYTHONDIR": folder, "TMPDIR": folder})
    for cell in notebook.cells:
        for name in PASSING:
            cell.metadata.pop(name, None)
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata["sources"] = sources_digest(notebook)
    return notebook


def sources_digest(notebook: nbformat.NotebookNode) -> str:
    """SHA-256 of the code, in hexadecimal."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256("\0".join(code).encode()).hexdigest()


if __name__ == "__main__":
    nbformat.write(run_notebook(read_notebook()), PATH)
