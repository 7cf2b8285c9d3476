"""The pages that people read: their text, and the commands and code in it."""

import re
from pathlib import Path

from tests.support.chain import ROOT

README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *DOCS]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language; "" for those that name none."""
    return [text for name, text in FENCE.findall(page.read_text()) if name == language]


def commands(page: Path, heading: str) -> list[str]:
    """The lines of the first console block below a heading."""
    section = page.read_text().split(f"\n{heading}\n")[1]
    block = re.search(r"```console\n(.*?)```", section, re.DOTALL)
    assert block, heading
    return block[1].splitlines()


def inline_code(page: Path) -> list[str]:
    """What stands between backticks in running text, each on one line."""
    prose = FENCE.sub("", page.read_text())
    return [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose)]


def said_commands(page: Path) -> list[str]:
    """Every command line of a page: those of its console blocks, and those in its text."""
    lines = [line for block in blocks(page, "console") for line in block.splitlines() if line]
    return [*lines, *(code for code in inline_code(page) if " " in code)]
