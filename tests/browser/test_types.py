"""The types that the page's modules state in their comments hold, as TypeScript sees it."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from browser.build import PAGE
from browser.litert import HERE, LOCK, NPM_CI
from tests.support.chain import ROOT
from tests.support.turns import turn

pytestmark = pytest.mark.long

KEPT = ROOT / ".venvs" / "typescript"
OPTIONS = {
    "allowJs": True, "checkJs": True, "noEmit": True, "skipLibCheck": True, "types": [],
    "target": "es2022", "module": "es2022", "moduleResolution": "bundler",
    "lib": ["es2022", "dom", "dom.iterable"],
    "noImplicitAny": True, "strictFunctionTypes": True, "strictBindCallApply": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def packages() -> Path:
    """TypeScript and LiteRT.js; fetched once for each lock file, and kept."""
    if not shutil.which("npm"):
        pytest.skip("no npm: apt install npm")
    with turn(KEPT / "lock"):
        lock = (HERE / "package-lock.json").read_bytes()
        done = KEPT / "done.json"
        if not done.exists() or done.read_bytes() != lock:
            for name in LOCK:
                shutil.copy(HERE / name, KEPT)
            fetched = subprocess.run(NPM_CI, cwd=KEPT, capture_output=True, text=True)
            if fetched.returncode:
                pytest.skip(f"npm cannot fetch TypeScript: {fetched.stderr.splitlines()[-1:]}")
            done.write_bytes(lock)
    return KEPT / "node_modules"


def complaints(packages: Path, page: Path) -> list[str]:
    """What TypeScript says of our modules; those of the device's page state no types."""
    shutil.copy(packages / "@litertjs" / "core" / "dist" / "index.d.ts", page / "litert")
    config = page / "tsconfig.json"
    config.write_text(json.dumps({"compilerOptions": OPTIONS, "include": ["*.js"]}))
    done = subprocess.run(
        [packages / ".bin" / "tsc", "--pretty", "false", "-p", config],
        cwd=page, capture_output=True, text=True,
    )  # fmt: skip
    ours = {module.name for module in PAGE.glob("*.js")}
    return [line for line in done.stdout.splitlines() if line.partition("(")[0] in ours]


@pytest.fixture
def page(page_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(page_folder, tmp_path / "page"))


def test_the_types_hold(packages: Path, page: Path) -> None:
    assert complaints(packages, page) == []


def test_a_wrong_type_is_noticed(packages: Path, page: Path) -> None:
    with (page / "crop.js").open("a") as module:
        module.write('\nround("seven");\n')
    (said,) = complaints(packages, page)
    assert "'string' is not assignable to parameter of type 'number'" in said
