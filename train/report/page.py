"""`report.html` of a run: one file with its pictures inside, without scripts and addresses."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from data.folder import PARTS
from data.labels import ANSWERS
from data.tally import Tally
from edge.errors import one_line
from edge.machine.output_file import write_bytes
from edge.model.chance import wilson
from edge.wording import counted
from train.compact.network import INPUT
from train.report.curves import curve
from train.report.faces import SHOWN, Answered, gallery, mistakes, unsure
from train.report.figures import figure_rows
from train.report.matrix import matrix
from train.settings import EXERCISE_ONLY
from train.summary import limits

STYLE = Path(__file__).with_name("page.css")
NAMES = {
    "exercise": "The exercise's network",
    "compact": "The compact network",
    "faces-small": "The small compact network with teachers",
    "faces": "The compact network with teachers",
    "faces-large": "The large compact network with teachers",
}
FEW = 20  # of so many a single one is five points
LINES = ("accuracy", "loss")


def write_report(
    path: Path,
    name: str,
    config: Mapping[str, Any],
    metrics: Mapping[str, Any],
    images: Sequence[Answered],
) -> None:
    """Writes the page.

    Args:
        path: The file to make.
        name: Of the run.
        config: As `config.json` holds it.
        metrics: As `metrics.json` holds them.
        images: Held-out images with their answers, of the test if there is one.

    Raises:
        OutputError: It cannot be written.
    """
    settings = config["settings"]
    part = "test" if metrics["answered"]["test"] else "validation"
    sections = [
        f"<h1>{_text(name)}</h1><p class=soft>{_kind(settings)}, trained on "
        f"{_text(settings['data'])}; {_text(metrics['stopped_by'])}"
        f"{_kept(metrics)}.</p>",
        *(f"<p>{_text(line)}.</p>" for line in metrics.get("verdict", "").splitlines()),
        *(f"<p>{_text(line)}.</p>" for line in limits(metrics)),
        _cards(metrics, part),
        "<h2>Answers</h2>" + _matrices(metrics),
        "<h2>Training</h2><div class=pair>"
        + "".join(_card(curve(n, metrics["history"], metrics["kept_epoch"])) for n in LINES)
        + "</div>"
        if metrics["history"]
        else "",
        _gallery("Mistakes", "answered wrongly", mistakes(images), part),
        _gallery("Unsure", "without an answer", unsure(images), part),
        "<h2>Images</h2>" + _splits(metrics["data"]),
        "<h2>Figures</h2>" + _figures(metrics),
        "<h2>Settings</h2>" + _settings(config),
    ]
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>happysad: {_text(name)}</title><style>{STYLE.read_text()}</style>"
        f"<body>{''.join(sections)}</body></html>\n"
    )
    write_bytes(path, page.encode(errors="xmlcharrefreplace"))


def _text(value: object) -> str:
    return escape(one_line(value))


def _kind(settings: Mapping[str, Any]) -> str:
    if settings["init"]:
        return f"Fine-tuned from {_text(settings['init'])}"
    return NAMES[settings["model"]]


def _kept(metrics: Mapping[str, Any]) -> str:
    kept = metrics["kept_epoch"]
    return f"; epoch {kept} of {metrics['epochs']} is kept" if kept else ""


def _card(content: str) -> str:
    return f"<div class=card>{content}</div>"


def _cards(metrics: Mapping[str, Any], part: str) -> str:
    """What people get, in large figures."""
    got = Tally(metrics["answered"][part])
    if not got.images:
        return "<p>No images were held out: how good the model is, is unknown.</p>"
    answers = got.right + got.wrong
    shown = [
        (got.right, answers, "right when answered", "answer"),
        (got.unsure, got.images, "unsure", f"{part} image"),
    ]
    shown += [
        (row.get(label, 0), sum(row.values()), f"of the {label} ones answered {label}", "image")
        for label, row in got.counts.items() if label in row
    ]  # fmt: skip
    return f"<div class=cards>{''.join(_card(_figure(*one)) for one in shown)}</div>"


def _figure(some: int, of: int, what: str, thing: str) -> str:
    """A share with its counts and interval; of few the counts alone, as a share says too much."""
    if not of:
        return f"<b>-</b><small>{what}</small>"
    if of < FEW:
        return f"<b>{some} of {of}</b><small>{what}</small>"
    low, high = wilson(some / of, of)
    return (
        f"<b>{some / of:.1%}</b><small>{what}: {some} of {counted(of, thing)}; 95% interval "
        f"{low:.0%} to {high:.0%}</small>"
    )


def _matrices(metrics: Mapping[str, Any]) -> str:
    counts = {part: metrics["answered"][part] for part in ("test", "validation")}
    tables = (
        _card(f"<p>{part} images: what they show, and the answer</p>{matrix(rows)}")
        for part, rows in counts.items()
        if rows
    )
    return f"<div class=pair>{''.join(tables)}</div>"


def _gallery(title: str, thing: str, images: Sequence[Answered], part: str) -> str:
    if not images:
        return ""
    shown = f"; the {SHOWN} surest are shown" if len(images) > SHOWN else ""
    said = f"{counted(len(images), f'{part} image')} {thing}{shown}"
    return f"<h2>{title}</h2><p class=soft>{said}.</p>{gallery(images)}"


def _splits(data: Mapping[str, Any]) -> str:
    labels = [x for x in data["images"]["train"] if any(data["images"][p][x] for p in PARTS)]
    labels = [*(x for x in ANSWERS if x in labels), *(x for x in labels if x not in ANSWERS)]
    rows = [
        [part, *(f"{data['images'][part][x]} / {data['groups'][part][x]}" for x in labels)]
        for part in PARTS
    ]
    notes = "".join(f"<li>{_text(note)}" for note in data["notes"])
    table = _table(["images / groups of look-alikes", *labels], rows)
    return table + (f"<ul>{notes}</ul>" if notes else "")


def _figures(metrics: Mapping[str, Any]) -> str:
    head, rows = figure_rows(metrics)
    if not rows:
        return "<p>Shares need held-out images of every answer.</p>"
    rows = [[name, *(cell.replace(" (", "<br>(") for cell in cells)] for name, *cells in rows]
    return (
        "<p class=soft>Shares with their 95% intervals, which are too narrow where many images "
        f"look alike.</p>{_table(head, rows)}"
    )


def _used(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings; of a compact network its own input and batches, without the others'."""
    if not (recipes := config["recipes"]):
        return config["settings"]
    batches = dict.fromkeys(str(recipe["batch_size"]) for recipe in recipes)
    own = {"size": INPUT.width, "batch_size": ", ".join(batches)}
    return {
        name: own.get(name, value)
        for name, value in config["settings"].items()
        if name in own or name not in EXERCISE_ONLY
    }


def _settings(config: Mapping[str, Any]) -> str:
    said = {None: "-", True: "yes", False: "no"}
    rows = [
        [
            name.replace("_", " "),
            said[value] if value is None or isinstance(value, bool) else _text(value),
        ]
        for name, value in _used(config).items()
    ]
    versions = ", ".join(f"{name} {version}" for name, version in config["versions"].items())
    rows += [["versions", versions], ["machine", _text(config["machine"])],
             ["data fingerprint", config["data_fingerprint"]]]  # fmt: skip
    return _table(None, rows)


def _table(head: Sequence[str] | None, rows: Iterable[Sequence[str]]) -> str:
    kind = " class=number" if head else ""
    cells = "".join(
        f"<th scope=col{kind if place else ''}>{text}" for place, text in enumerate(head or ())
    )
    body = "".join(
        f"<tr><th scope=row>{row[0]}" + "".join(f"<td{kind}>{cell}" for cell in row[1:])
        for row in rows
    )
    top = f"<tr>{cells}" if head else ""
    return f"<div class=scroll><table>{top}{body}</table></div>"
