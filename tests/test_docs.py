"""What README and docs/ say is so: commands, options, paths, links, code; and the site builds."""

import importlib.util
import inspect
import operator
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

import edge as happysad
from edge.images.image_file import read_image
from tests.support.chain import ROOT
from tests.support.command import edge, run_module
from tests.support.pages import DOCS, PAGES, README, blocks, inline_code, said_commands
from tests.support.photographs import film

FACE = ROOT / "docs" / "faces.jpg"
# Options of programs that are not ours, which the pages speak of.
FOREIGN_OPTIONS = {"--system-site-packages"}
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
needs_the_docs_group = pytest.mark.skipif(
    importlib.util.find_spec("zensical") is None
    or importlib.util.find_spec("mkdocstrings") is None,
    reason="the dependency group docs is not installed (make dev, with Python 3.11 or later)",
)


@cache
def command_tree(package: str) -> Any:
    """The commands of `python -m PACKAGE`."""
    module = {"edge": "edge.cli.main", "happysad": "edge.cli.main"}.get(package, f"{package}.cli")
    if (ROOT / package.replace(".", "/")).with_suffix(".py").exists():  # a module with one command
        module = package
    return typer.main.get_command(importlib.import_module(module).app)


def options_of(command: Any) -> set[str]:
    ours = {option for parameter in command.params for option in parameter.opts}
    return ours | {"--help"}


def every_command() -> Iterator[Any]:
    """Those of all packages and modules that have some, and the commands below them."""
    folders = [path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests"]
    files = [path.relative_to(ROOT) for folder in folders for path in folder.rglob("*.py")]
    found = [path for path in files if "\napp = " in (ROOT / path).read_text()]
    waiting = [command_tree(".".join(path.with_suffix("").parts)) for path in found]
    while waiting:
        command = waiting.pop()
        yield command
        waiting += getattr(command, "commands", {}).values()


def our_part(words: list[str]) -> tuple[str, list[str]] | None:
    """The package and the arguments of a command line of ours, else None."""
    words = words[1:] if words[0] == "sudo" else words
    if words and words[0].rsplit("/", 1)[-1] == "happysad":
        return "happysad", words[1:]
    if len(words) > 2 and re.fullmatch(r"(\S*/)?python3?", words[0]) and words[1] == "-m":
        package = words[2]
        if (ROOT / package.split(".")[0] / "__init__.py").exists() or package == "happysad":
            return package, words[3:]
    return None


def check_command(line: str) -> bool:
    """Asserts that a line's subcommand and options exist; says whether it is a command of ours."""
    found = our_part(shlex.split(line))
    if not found:
        return False
    package, arguments = found
    command = command_tree(package)
    while arguments and hasattr(command, "commands") and not arguments[0].startswith("-"):
        assert arguments[0] in command.commands, line
        command, arguments = command.commands[arguments[0]], arguments[1:]
    for argument in arguments:
        if argument == "--":  # what follows is another command's: see `service install`
            break
        if re.fullmatch(r"--?[a-z][\w-]*", argument):
            assert argument in options_of(command), line
    return True


def make_lines(line: str) -> list[str]:
    """What `make ...` would run, without running it."""
    words = shlex.split(line)
    done = subprocess.run(
        ["make", "-n", "-o", "environment", "-o", "dev", *words[1:]],
        cwd=ROOT, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, f"{line}\n{done.stderr}"
    return [run.removeprefix("exec ") for run in done.stdout.replace("\\\n", " ").splitlines()]


@each_page
def test_every_command_on_a_page_exists_with_its_options(page: Path) -> None:
    for line in said_commands(page):
        for part in re.split(r" (?:\||&&) ", line):
            if part.startswith("make "):
                for run in make_lines(part):
                    check_command(run)
            elif "..." not in part:
                check_command(part)


def test_the_check_of_commands_finds_wrong_ones() -> None:
    assert check_command(".venv/bin/happysad webcam --max-fps 5")
    assert not check_command("git clone happysad")
    for wrong in ("happysad classfy x", "happysad webcam --fast", "python -m data split --parts a"):
        with pytest.raises(AssertionError):
            check_command(wrong)
    with pytest.raises(AssertionError, match="No rule to make target"):
        make_lines("make trian")
    with pytest.raises(AssertionError):
        check_command(make_lines('make train ARGS="--augmented"')[0])


@cache
def every_option() -> set[str]:
    return {option for command in every_command() for option in options_of(command)}


def test_the_options_of_modules_within_a_package_are_known_too() -> None:
    assert {"--seeds", "--count", "--blur", "--quantization"} <= every_option()
    assert "--nonsense" not in every_option()


@each_page
def test_every_option_named_in_the_text_exists(page: Path) -> None:
    known = set(every_option())
    known |= set(re.findall(r"--\w[\w-]*", (ROOT / "pi" / "install.sh").read_text()))
    for code in inline_code(page):
        if re.fullmatch(r"--[a-z][\w-]*( \S+)?", code):
            assert code.split()[0] in known | FOREIGN_OPTIONS, code


@each_page
def test_every_link_to_a_file_leads_there(page: Path) -> None:
    prose = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if not re.match(r"https?://|#", target):
            name, _, anchor = target.partition("#")
            assert (page.parent / name).exists(), target
            if anchor:
                headings = re.findall(r"^#+ (.*)$", (page.parent / name).read_text(), re.MULTILINE)
                slugs = {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}
                assert anchor in slugs, target


def test_the_readme_is_a_page() -> None:
    assert len(README.read_text().splitlines()) <= 150


def test_the_architecture_page_names_every_room_and_only_files_that_exist() -> None:
    page = ROOT / "docs" / "architecture.md"
    edge, code = ROOT / "edge", inline_code(page)
    rooms = {path.parent.name for path in edge.glob("*/__init__.py")}
    rooms |= {path.stem for path in edge.glob("[!_]*.py")}
    assert rooms <= set(code), rooms - set(code)
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert folders <= {name.rstrip("/") for name in code}
    for name in code:
        if re.fullmatch(r"(?!runs/)[\w/]+/(\w+\.\w+)?", name):
            places = [ROOT / name, edge / name, *ROOT.glob(f"*/{name}")]
            assert any(place.exists() for place in places), name


@pytest.fixture
def user_folder(tmp_path: Path) -> Path:
    """A folder with a photo and a film, as the examples name them."""
    shutil.copy(FACE, tmp_path / "photo.jpg")
    film(tmp_path / "film.mp4", [read_image(FACE)] * 5, 10)
    return tmp_path


EXAMPLES = [
    pytest.param(block, id=f"{page.stem}-{number}")
    for page in (README, ROOT / "docs" / "python-api.md")
    for number, block in enumerate(blocks(page, "python"))
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_in_python_runs_as_it_stands(example: str, user_folder: Path) -> None:
    # Nothing but the camera is another: the film, where the example has the first camera.
    program = example.replace("watch(0)", 'watch("film.mp4")')
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=user_folder, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(
        ("happy 0.9", "0.0 (Prediction(", "0.0 s: None -> happy", "no mo")
    )


def test_the_table_of_public_names_is_that_of_the_docstrings() -> None:
    page = (ROOT / "docs" / "python-api.md").read_text()
    rows = dict(re.findall(r"^\| `([\w.]+)` \| (.*) \|$", page, re.MULTILINE))
    methods = {f"Faces.{name}" for name in ("__call__", "explain", "close")}
    assert rows.keys() == {*happysad.__all__, *methods}
    for name, said in rows.items():
        documented = operator.attrgetter(name)(happysad)
        assert said == inspect.getdoc(documented).splitlines()[0], name


def test_the_first_photo_gets_the_answer_that_the_readme_shows() -> None:
    (command,) = [line for line in said_commands(README) if line.endswith("docs/astronaut.jpg")]
    shown = blocks(README, "")[0].split()
    done = edge(*command.split()[1:], "--model", "faces", check=True)
    said = done.stdout.split()
    assert (said[0], said[2]) == (shown[0], shown[2]) == ("happy", "docs/astronaut.jpg")
    assert abs(float(said[1]) - float(shown[1])) < 0.02


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the site is made of, so that nothing is left in the checkout."""
    copy = tmp_path_factory.mktemp("site")
    for name in ("docs", "edge"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("mkdocs.yml", "CHANGELOG.md", "train/LOG.md"):
        (copy / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, copy / name)
    return copy


def build(site: Path) -> subprocess.CompletedProcess[str]:
    return run_module("zensical", "build", "--strict", cwd=site)


@needs_the_docs_group
def test_the_site_builds_whole_and_fetches_nothing(site: Path) -> None:
    done = build(site)
    assert done.returncode == 0, done.stdout + done.stderr
    built = site / "build" / "site"
    assert {page.stem for page in DOCS} <= {page.stem for page in built.glob("*.html")}
    fetched = r'<(?:script|img|source|iframe)[^>]+src="?(?:https?:)?//|<link[^>]+href="?https?://'
    for page in built.glob("*.html"):
        assert not re.search(fetched, page.read_text()), page
    for style in built.rglob("*.css"):
        assert not re.search(r"(url\(|@import )[\"']?(https?:)?//", style.read_text()), style
    reference = (built / "python-api.html").read_text()
    for name in happysad.__all__:
        assert f"happysad.{name}" in reference


@needs_the_docs_group
@pytest.mark.parametrize("link", ["[gone](nowhere.md)", "[gone](webcam.md#nowhere)"])
def test_a_broken_link_fails_the_build(site: Path, link: str) -> None:
    page = site / "docs" / "speed.md"
    whole = page.read_text()
    page.write_text(f"{whole}\n{link}\n")
    done = build(site)
    page.write_text(whole)
    assert done.returncode != 0
    assert "speed.md" in done.stdout + done.stderr


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_a_page_calls_the_command_one_way_and_says_where_that_is(page: Path) -> None:
    """Pages for clones and devices alike say what the command is in a clone, once."""
    lines = [line.split() for block in blocks(page, "console") for line in block.splitlines()]
    is_bare = any("happysad" in line[:2] for line in lines)
    is_in_clone = any(".venv/bin/happysad" in line for line in lines)
    assert not (is_bare and is_in_clone)
    if is_bare and page.name != "raspberry-pi.md":
        assert ".venv/bin/happysad" in inline_code(page)
