"""The notebook runs from two folders to a model's answers, and shows what it did then."""

import copy

import pytest
from nbformat import NotebookNode

from tests.support.notebook import PATH, read_notebook, run_notebook, sources_digest

MOST_BYTES = 300_000


def shown(notebook: NotebookNode) -> list[tuple[str, list[str]]]:
    """Of each cell of code, its id and the kinds of what it showed."""
    return [
        (cell.id, sorted(kind for out in cell.outputs for kind in out.get("data", {"text": ""})))
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def text(notebook: NotebookNode, cell_id: str) -> str:
    (cell,) = (cell for cell in notebook.cells if cell.id == cell_id)
    return "".join(output.get("text", "") for output in cell.outputs)


def test_what_the_notebook_shows_is_what_its_code_showed() -> None:
    """Changed it? `python -m tests.support.notebook` runs it anew."""
    notebook = read_notebook()
    assert notebook.metadata["sources"] == sources_digest(notebook)
    assert PATH.stat().st_size < MOST_BYTES
    assert "/tmp" not in PATH.read_text()


@pytest.mark.long
def test_the_notebook_runs_from_two_folders_to_answers() -> None:
    committed = read_notebook()
    notebook = copy.deepcopy(committed)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    run_notebook(notebook)
    assert shown(notebook) == shown(committed)
    assert text(notebook, "draw") == "happy 100 pictures\nsad 100 pictures\n"
    assert "MB, int8" in text(notebook, "exported-code")
    assert "the shipped one, on photos: happy" in text(notebook, "photo-code")
