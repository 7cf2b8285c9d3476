"""LiteRT.js, which runs TFLite models in a browser: fetched by npm, verified, and laid out."""

import shutil
import subprocess
from pathlib import Path

from edge.errors import PackageError, one_line
from edge.machine.temporary import scratch_folder

HERE = Path(__file__).resolve().parent
LOCK = ("package.json", "package-lock.json")  # the version, and the hashes that npm compares
HELPER = "@litertjs/wasm-utils"
NPM_CI = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
# Of the four builds the one that runs everywhere: without threads, which need headers (COOP, COEP)
# that a plain web host does not send, and without relaxed SIMD, which saved nothing (20, 21 ms of
# processor time an answer, Chromium 156 on an AMD EPYC) and is another 9 MB for the host.
RUNTIME = "litert_wasm_compat_internal"


def fetch_litert(folder: Path) -> None:
    """Puts LiteRT.js into a folder, as the page imports it.

    Args:
        folder: Is made.

    Raises:
        PackageError: There is no npm, or why it failed.
        OSError: The folder cannot be written.
    """
    with scratch_folder() as scratch:
        for name in LOCK:
            shutil.copy(HERE / name, scratch)
        _npm_ci(scratch)
        core, helper = (scratch / "node_modules" / name for name in ("@litertjs/core", HELPER))
        folder.mkdir(parents=True)
        # A browser knows no package names, only addresses.
        code = _code(core).replace(f'"{HELPER}"', '"./wasm-utils.js"')
        (folder / "index.js").write_text(code)
        (folder / "wasm-utils.js").write_text(_code(helper))
        for suffix in (".js", ".wasm"):
            shutil.copy(core / "wasm" / f"{RUNTIME}{suffix}", folder)


def _npm_ci(folder: Path) -> None:
    command = [*NPM_CI, "--omit=dev"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, errors="replace",
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except FileNotFoundError:
        raise PackageError(
            "no npm, which fetches LiteRT.js for the page: sudo apt install npm"
        ) from None
    if done.returncode:
        lines = [line.removeprefix("npm error ") for line in done.stderr.splitlines()]
        said = [line for line in lines if line.strip() and not line.startswith("code ")]
        raise PackageError(f"npm cannot fetch LiteRT.js: {one_line((said or ['?'])[0])}")


def _code(package: Path) -> str:
    """A package's one module, without the address of a source map that is not there."""
    code = (package / "dist" / "index.js").read_text()
    return "".join(line for line in code.splitlines(True) if "sourceMappingURL" not in line)
