"""The TFLite runtime: picked by building an interpreter with the model, not by importing."""

import importlib
import io
import sys
from contextlib import redirect_stderr, suppress
from typing import Any, Literal

from ..errors import ModelError, RuntimeMissingError
from ..machine.quiet import quiet_stderr

Runtime = Literal["auto", "ai-edge-litert", "tflite-runtime"]
# In order of preference: ai-edge-litert runs int8 with XNNPACK, 7 times as fast as tflite-runtime.
RUNTIMES = {
    "ai-edge-litert": "ai_edge_litert.interpreter",
    "tflite-runtime": "tflite_runtime.interpreter",
}


def build_interpreter(model: bytes, threads: int = 1, runtime: str = "auto") -> tuple[str, Any]:
    """An interpreter with its tensors allocated, from the first runtime that can build one.

    Importing proves nothing: tflite-runtime 2.14 imports well beside numpy 2 and fails here.

    Args:
        model: The bytes of a model file; verified before, because a damaged FlatBuffer can end
            the whole process.
        threads: Number of CPU threads.
        runtime: A name in RUNTIMES, or "auto" for the first that works.

    Returns:
        The runtime's name and its `Interpreter`.

    Raises:
        RuntimeMissingError: No runtime is installed that works on this machine.
        ModelError: The runtimes work, but cannot run this model.
    """
    names = list(RUNTIMES) if runtime == "auto" else [runtime]
    failures: list[str] = []
    refused = False
    for name in names:
        try:
            # numpy prints a page on an ABI clash; what matters comes as an exception.
            with quiet_stderr, redirect_stderr(io.StringIO()):
                interpreter = importlib.import_module(RUNTIMES[name]).Interpreter(
                    model_content=model, num_threads=threads
                )
                interpreter.allocate_tensors()
        except ImportError:
            failures.append(f"{name} is not installed")
        except (SystemError, AttributeError):  # how a numpy ABI clash shows
            failures.append(f"{name} does not run with the numpy installed (it needs 'numpy<2')")
        except (ValueError, RuntimeError) as error:
            refused = True
            failures.append(f"{name} refuses it ({str(error).strip().splitlines()[0]})")
        else:
            return name, interpreter
    reasons = "; ".join(failures)
    if refused:
        raise ModelError(f"the model does not run here: {reasons}")
    raise RuntimeMissingError(f"no working TFLite runtime: {reasons}; {_remedy()}")


def import_runtimes() -> None:
    """Imports those that are installed, for a process that will not be able to read them later."""
    for module in RUNTIMES.values():
        with quiet_stderr, redirect_stderr(io.StringIO()), suppress(Exception):
            importlib.import_module(module)  # what is wrong with it shows when it is used


def _remedy() -> str:
    if sys.maxsize < 2**32 and sys.version_info >= (3, 12):
        return "for 32-bit systems there is none beyond Python 3.11: use a 64-bit Raspberry Pi OS"
    return (
        "install one with 'pip install ai-edge-litert' (64-bit) or 'pip install tflite-runtime "
        '"numpy<2"\' (Python 3.11 and older)'
    )
