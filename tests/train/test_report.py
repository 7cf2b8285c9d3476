"""The pictures of a run and its page: whole, self-contained, with the names of what went wrong."""

import re
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from data import Part
from data.answers import Decision, as_json, figures, given
from data.contact_sheet import write_contact_sheet
from data.tally import tally
from edge.images.image_file import read_image
from edge.model.chance import wilson
from edge.model.decision import Band, Thresholds
from train.plots import COLOURS, plot_answers, plot_history, short_name
from train.report.curves import curve
from train.report.faces import SHOWN, answered, mistakes, unsure
from train.report.figures import figure_rows
from train.report.matrix import opacity
from train.report.page import STYLE, write_report
from train.settings import Settings

CONFIG = {
    "settings": asdict(Settings(data="faces & <more>")),
    "recipes": [],
    "versions": {"happysad": "0.1.0"},
    "machine": "Linux",
    "data_fingerprint": "0" * 64,
}
TWO = Band(0.4, 0.6), np.array([[0.99], [0.2], [0.5], [0.1], [0.9], [0.05]])
THREE = Thresholds(0.4, 0.4, 0.4), np.array(
    [[0.9, 0.05, 0.03, 0.02], [0.2, 0.7, 0.1, 0.0], [0.3, 0.3, 0.3, 0.1],
     [0.1, 0.2, 0.6, 0.1], [0.6, 0.2, 0.1, 0.1], [0.1, 0.8, 0.1, 0.0]]
)  # fmt: skip


class Page(HTMLParser):
    """What is in a page: its text, its tags, and what its attributes point to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.text, self.tags, self.sources = "", [], []
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += f" {data}"


def part(labels: list[str]) -> Part:
    """Held-out images with these labels, of one gray each."""
    pixels = np.arange(len(labels), dtype=np.uint8).repeat(48 * 48).reshape(-1, 48, 48, 1) * 20
    paths = [Path(f"/pictures/<{label}> & {number}.png") for number, label in enumerate(labels)]
    votes = np.zeros((len(labels), 10), np.float32)
    return Part("test", pixels, np.array(labels), paths, np.arange(len(labels)), votes)


def report(path: Path, decision: Decision, shares: np.ndarray, labels: list[str]) -> Page:
    images = part(labels)
    counts = dict.fromkeys(("happy", "sad", "neutral"), 2)
    metrics = {
        **as_json(decision),
        "stopped_by": "the limit of 3 epochs",
        "verdict": "the original is kept\nof 6 images",
        "epochs": 3,
        "kept_epoch": 2,
        "answered": {"validation": {}, "test": tally(shares, images.labels, decision).counts},
        "validation": None,
        "test": None,
        "before": None,
        "data": {
            "images": dict.fromkeys(("train", "validation", "test"), counts),
            "groups": dict.fromkeys(("train", "validation", "test"), counts),
            "notes": ["a note"],
        },
        "history": {"accuracy": [0.5, 0.7, 0.9], "loss": [3.0, 1.0, 0.2]},
    }
    write_report(path, "my run", CONFIG, metrics, answered(images, shares, decision))
    return Page(path)


@pytest.mark.parametrize(
    ("model", "labels", "answers"),
    [
        (TWO, ["happy", "happy", "happy", "sad", "sad", "sad"], ["happy", "sad", "unsure"]),
        (THREE, ["happy", "happy", "sad", "sad", "neutral", "neutral"],
         ["happy", "sad", "neutral", "unsure"]),
    ],
)  # fmt: skip
def test_the_page_is_whole_and_shows_each_mistake_with_its_name(
    model: tuple[Decision, np.ndarray], labels: list[str], answers: list[str], tmp_path: Path
) -> None:
    page = report(tmp_path / "report.html", *model, labels)
    assert "script" not in page.tags
    assert page.sources
    assert all(source.startswith("data:image/jpeg;base64,") for source in page.sources)
    assert not re.search("https?://|@import|url[(]", (tmp_path / "report.html").read_text())
    assert "faces & <more>" in page.text
    assert "<p>the original is kept.</p><p>of 6 images.</p>" in (
        (tmp_path / "report.html").read_text().replace("\n", "")
    )
    given_answers = given(model[1], model[0])
    for number, (label, answer) in enumerate(zip(labels, given_answers, strict=True)):
        assert (f"<{label}> & {number}.png" in page.text) == (answer != label)
    head = re.search(r"the answer((?: +[a-z]+)+) +\d", page.text)
    assert head
    assert head[1].split()[: len(answers)] == answers
    assert {"svg", "meta", "style", "figure", "table"} <= set(page.tags)


def test_the_settings_of_a_compact_network_are_those_that_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares, labels = np.array([[0.99], [0.5]]), ["happy", "sad"]
    exercise = " ".join(report(tmp_path / "exercise.html", TWO[0], shares, labels).text.split())
    assert "happysad: my run" in exercise
    assert "size 150 epochs" in exercise
    assert "stop at 0.999" in exercise
    recipes = [{"batch_size": 128}, {"batch_size": 128}, {"batch_size": 32}]
    monkeypatch.setitem(CONFIG, "recipes", recipes)
    compact = " ".join(report(tmp_path / "compact.html", TWO[0], shares, labels).text.split())
    assert "size 48 epochs 40 batch size 128, 32 seed 0" in compact
    assert "stop at" not in compact


def test_a_share_of_few_is_its_counts_and_of_more_has_its_interval(tmp_path: Path) -> None:
    few = report(tmp_path / "few.html", TWO[0], np.array([[0.99], [0.5]]), ["happy", "sad"])
    assert "1 of 1 right when answered" in " ".join(few.text.split())
    assert "100.0%" not in few.text
    none = report(tmp_path / "none.html", TWO[0], np.array([[0.5], [0.5]]), ["happy", "sad"])
    assert " - right when answered 2 of 2 unsure " in " ".join(none.text.split())
    shares, labels = np.array([[0.99]] * 20 + [[0.01]] * 20), ["happy"] * 20 + ["sad"] * 20
    more = report(tmp_path / "more.html", TWO[0], shares, labels)
    assert "40 of 40 answers; 95% interval 91% to 100%" in more.text


def test_each_share_in_the_table_of_figures_has_the_interval_of_its_own_images() -> None:
    """Two faces of each answer, some of which THREE answers with unsure."""
    shares = THREE[1]
    labels = np.array(["happy", "sad", "neutral", "neutral", "sad", "happy"])
    found = figures(shares, labels, THREE[0])
    assert found
    metrics = {
        "answered": {"validation": {}, "test": tally(shares, labels, THREE[0]).counts},
        "validation": None,
        "test": asdict(found),
        "before": {"validation": None, "test": asdict(found)},
    }
    head, rows = figure_rows(metrics)
    assert head == ["", "test", "test, before"]
    table = {name: cells for name, *cells in rows}
    low, high = wilson(0.5, 2)
    assert table["happy found"] == [f"50.0% ({low:.1%} to {high:.1%})"] * 2
    low, high = wilson(found.right, 6 * (1 - found.unsure))
    assert table["right when answered"][0] == f"{found.right:.1%} ({low:.1%} to {high:.1%})"
    low, high = wilson(found.unsure, 6)
    assert table["unsure"][0] == f"{found.unsure:.1%} ({low:.1%} to {high:.1%})"
    assert table["AUC of happy and sad"][0] == f"{found.auc:.3f}"
    assert figure_rows({"answered": {}, "validation": None, "test": None})[1] == []


def test_the_page_of_a_run_without_held_out_images_says_so(tmp_path: Path) -> None:
    page = report(tmp_path / "report.html", TWO[0], np.zeros((0, 1)), [])
    assert "No images were held out" in page.text
    assert "figure" not in page.tags


def test_mistakes_and_doubts_are_told_apart_the_surest_first() -> None:
    images = answered(part(["happy", "happy", "happy", "sad", "sad", "sad"]), TWO[1], TWO[0])
    assert [(m.label, m.answer, round(m.p, 2)) for m in mistakes(images)] == [
        ("sad", "happy", 0.9),
        ("happy", "sad", 0.8),
    ]
    assert [m.path.name for m in unsure(images)] == ["<happy> & 2.png"]
    assert SHOWN >= 40


@pytest.mark.parametrize("epochs", [1, 2, 39, 400])
def test_curves_have_room_for_their_numbers(epochs: int) -> None:
    history = {"loss": np.linspace(3, 0, epochs), "accuracy": [1.0] * epochs}
    for name in ("loss", "accuracy"):
        drawn = curve(name, history, 1)
        ticks = re.findall(r'text-anchor="middle">(\d+)<', drawn)
        assert 1 <= len(ticks) <= 10
        assert len(set(re.findall(r'text-anchor="end">([\d.]+)<', drawn))) >= 2
        assert "nan" not in drawn


def test_the_pictures_have_a_column_for_unsure_and_no_white_half(tmp_path: Path) -> None:
    labels = np.array(["happy", "happy", "happy", "sad", "sad", "sad"])
    images = answered(part(list(labels)), TWO[1], TWO[0])
    plot_answers(tmp_path, "test", images, tally(TWO[1], labels, TWO[0]).counts)
    plot_history(tmp_path / "curves.png", {"accuracy": [0.5], "loss": [0.7]}, 1)
    for name in ("confusion", "mistakes", "curves"):
        height, width = read_image(tmp_path / f"{name}.png").shape[:2]
        assert 100 < height < width
    (tmp_path / "none").mkdir()
    plot_answers(tmp_path / "none", "test", [], {})
    assert read_image(tmp_path / "none" / "confusion.png").shape[1] > 100
    assert not (tmp_path / "none" / "mistakes.png").exists()


def test_the_picture_of_the_answers_has_the_colours_of_the_page(tmp_path: Path) -> None:
    css = STYLE.read_text()
    assert all(f"--{name}: {red}, {green}, {blue}" in css
               for name, (red, green, blue) in COLOURS.items())  # fmt: skip
    counts = {
        "happy": {"happy": 4, "sad": 0, "unsure": 4},
        "sad": {"happy": 4, "sad": 0, "unsure": 4},
    }
    plot_answers(tmp_path, "test", [], counts)
    rgb = read_image(tmp_path / "confusion.png")[:, :, ::-1].astype(int)
    for colour in COLOURS.values():
        shade = 255 + opacity(0.5) * (np.array(colour) - 255)  # on white
        assert (abs(rgb - shade).max(axis=2) < 2).mean() > 0.05


@pytest.mark.parametrize(("count", "columns"), [(1, 3), (4, 4), (9, 5), (16, 8), (17, 6)])
def test_a_sheet_is_as_wide_as_its_rows(count: int, columns: int, tmp_path: Path) -> None:
    pixels = np.zeros((20, 20, 1), np.uint8)
    write_contact_sheet(tmp_path / "sheet.png", "title", [(pixels, "a\nb", "black")] * count)
    assert read_image(tmp_path / "sheet.png").shape[1] == 8 + columns * 148


def test_long_names_keep_both_ends() -> None:
    assert short_name("IMG_0001.jpg") == "IMG_0001.jpg"
    assert short_name("Training_10118481_face_of_somebody.jpg") == "Training_1..mebody.jpg"
