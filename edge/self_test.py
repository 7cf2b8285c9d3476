"""The self-test of a model where a crash does no harm: in a child process without privileges."""

import sys
from pathlib import Path

from .errors import HappySadError, ModelError, RuntimeMissingError
from .machine.child import PACKAGE, ask_python
from .machine.confinement import confine

PROGRAM = f"from {PACKAGE}.self_test import answer; answer(*sys.argv[1:])"
NO_RUNTIME = 3  # exit code
CPU_S = 60  # the exercise's network takes 0.2 s here; a Pi Zero 2 is some 20 times slower
TIMEOUT_S = 120.0  # with the start of Python from a slow card
MEMORY_BYTES = 500_000_000  # of addresses, which are more than what is used; for the weights:
COPIES = 4  # the file's, the runtime's, and float16's as float32


def self_test(content: bytes, name: object, runtime: str = "auto") -> str:
    """Whether a model answers its golden inputs on this machine as it did where it was exported.

    The child may use MEMORY_BYTES and CPU_S; as root it runs as nobody.

    Args:
        content: Of a model file that was found right; the file is not read once more.
        name: What to call it in an error.
        runtime: "auto", or the name of a runtime.

    Returns:
        The TFLite runtime that it was tried with.

    Raises:
        ModelError: It does not, or it ends the process, or takes too long.
        RuntimeMissingError: No TFLite runtime works here.
    """
    found = ask_python(PROGRAM, str(name), runtime, timeout_s=TIMEOUT_S, stdin=content)
    if found.code == 0:
        return found.out
    if found.code == NO_RUNTIME:
        raise RuntimeMissingError(found.last_words)
    if found.code == 1 and found.err:
        raise ModelError(found.last_words)
    raise ModelError(f"{name} does not pass its self-test: {found.last_words}")


def answer(name: str, runtime: str) -> None:
    """Runs in the child: prints the runtime, or the error, for `self_test`."""
    from .classifier import Classifier
    from .model.file import check_model
    from .model.runtime import import_runtimes

    content = sys.stdin.buffer.read()
    try:
        # What Python loads for it, it loads while it may: nobody need not be able to read it.
        check_model(content, name)
        import_runtimes()
        confine(MEMORY_BYTES + COPIES * len(content), CPU_S)
        print(Classifier(Path(name), content=content, runtime=runtime).network.runtime)  # noqa: T201
    except HappySadError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(NO_RUNTIME if isinstance(error, RuntimeMissingError) else 1)
