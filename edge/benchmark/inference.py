"""How long each model takes for one picture: with each runtime that works here, 1 to n threads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..classifier import Classifier
from ..errors import HappySadError
from ..machine.pip import version_of
from ..model.contract import Contract
from ..model.file import read_model
from .spread import Spread, take_turns

Key = tuple[Path, str, int]


@dataclass(frozen=True, slots=True)
class Timing:
    """One model with one runtime and number of threads.

    Attributes:
        path: The model file.
        name: Of the model.
        quantization: "int8", "float16" or "float32".
        input: Such as "150x150x3".
        runtime: The TFLite runtime.
        threads: CPU threads.
        time: From prepared pixels to p_happy.
    """

    path: str
    name: str
    quantization: str
    input: str
    runtime: str
    threads: int
    time: Spread


@dataclass(frozen=True, slots=True)
class Inference:
    """All timings of a run.

    Attributes:
        timings: In the order of models, runtimes, threads.
        versions: Of each runtime that works here; None where its package does not say.
        failures: What was not measured, and why, a line each.
        suited: By runtime, of the files with the same input the one that is fastest with one
            thread, where there is a choice.
    """

    timings: list[Timing]
    versions: dict[str, str | None]
    failures: list[str]
    suited: dict[str, list[str]]


def measure_inference(
    models: Sequence[Path], runtimes: Sequence[str], threads: Sequence[int], rounds: int
) -> Inference:
    """Times every combination, all of them in turns.

    Raises:
        ModelError: A file is missing, damaged or not ours.
        RuntimeMissingError: No runtime works here.
    """
    for path in models:
        read_model(path)  # what is wrong with a file shows before anything is measured
    classifiers, failures = _load(models, runtimes, threads)
    working = dict.fromkeys(runtime for _, runtime, _ in classifiers)
    work: dict[Key, Callable[[], object]] = {
        key: partial(classifier.network.p_happy, classifier.contract.golden_inputs[0])
        for key, classifier in classifiers.items()
    }
    times = take_turns(work, rounds)
    timings = [_timing(key, classifiers[key].contract, time) for key, time in times.items()]
    versions = {name: version_of(name) for name in working}
    return Inference(timings, versions, failures, _suited(timings))


def _load(
    models: Sequence[Path], runtimes: Sequence[str], threads: Sequence[int]
) -> tuple[Mapping[Key, Classifier], list[str]]:
    """A classifier for each combination that works, and why the others do not."""
    loaded: dict[Key, Classifier] = {}
    failures: dict[str, HappySadError] = {}
    for runtime in runtimes:
        for path in models:
            try:
                for count in threads:
                    loaded[path, runtime, count] = Classifier(path, threads=count, runtime=runtime)
            except HappySadError as error:
                failures[str(error).split(": ", 1)[-1].split(";")[0]] = error
    if not loaded:
        raise next(iter(failures.values()))
    return loaded, list(failures)


def _timing(key: Key, contract: Contract, time: Spread) -> Timing:
    path, runtime, threads = key
    spec = contract.input
    return Timing(
        path=str(path),
        name=contract.name,
        quantization=contract.quantization,
        input=f"{spec.width}x{spec.height}x{spec.channels}",
        runtime=runtime,
        threads=threads,
        time=time,
    )


def _suited(timings: Sequence[Timing]) -> dict[str, list[str]]:
    """The fastest of the files with the same input, for each runtime."""
    suited: dict[str, list[str]] = {}
    single = [timing for timing in timings if timing.threads == 1]
    for runtime, size in dict.fromkeys((timing.runtime, timing.input) for timing in single):
        mine = [timing for timing in single if (timing.runtime, timing.input) == (runtime, size)]
        if len(mine) > 1:
            best = min(mine, key=lambda timing: timing.time.median_ms)
            suited.setdefault(runtime, []).append(best.path)
    return suited
