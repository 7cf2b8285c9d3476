"""A forged model is refused before a runtime sees it, whatever its checksums say."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.errors import ModelError, one_line
from edge.model.archive import CONTRACT_NAME, GOLDEN_NAME
from edge.model.choice import SHIPPED_MODEL
from edge.model.file import check_model, read_model
from edge.model.graph import read_graph
from edge.model.schema import OPERATORS, OPTIONS, TYPES
from tests.support.command import run_module
from tests.support.model_archive import archive, flatbuffer
from tests.support.model_mutants import Mutants, packed

SOUND = SHIPPED_MODEL.read_bytes()
FRONT = flatbuffer(SOUND)
FILES = {name: archive(SOUND).read(name) for name in archive(SOUND).namelist()}
CONV, ADD, MEAN, DENSE = 1, 5, 14, 15  # operators of the shipped model


@pytest.fixture(scope="module")
def schema() -> Any:
    """TensorFlow's own reader and writer of models."""
    from tensorflow.lite.python import schema_py_generated

    return schema_py_generated


def forged(schema: Any, change: Callable[[Any], object]) -> bytes:
    """The shipped model with something in it changed; its checksums are right."""
    import flatbuffers

    model = schema.ModelT.InitFromPackedBuf(FRONT, 0)
    change(model)
    builder = flatbuffers.Builder(len(FRONT) + 4096)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return packed(bytes(builder.Output()), FILES)


def graph(model: Any) -> Any:
    return model.subgraphs[0]


def operator(model: Any, number: int) -> Any:
    return graph(model).operators[number]


def put(table: Any, vector: str, index: int, value: Any) -> None:
    changed = list(getattr(table, vector))
    changed[index] = value
    setattr(table, vector, changed)


CHANGES: dict[str, tuple[Callable[[Any], object], str]] = {
    "another operator": (
        lambda m: (
            setattr(m.operatorCodes[1], "builtinCode", 80),
            setattr(m.operatorCodes[1], "deprecatedBuiltinCode", 80),
        ),
        "an operator with code 80",
    ),
    "another operator for old runtimes alone": (
        lambda m: setattr(m.operatorCodes[1], "deprecatedBuiltinCode", 80),
        "an operator with code 3",
    ),
    "a custom operator": (
        lambda m: setattr(m.operatorCodes[1], "customCode", "mine"),
        "field 1 of the table at",
    ),
    "a newer version": (
        lambda m: setattr(m.operatorCodes[1], "version", 5), "CONV_2D of version 5",
    ),
    "a tensor that is not there": (
        lambda m: put(operator(m, CONV), "inputs", 1, 4000), "CONV_2D from [24, 4000, 22] to [25]",
    ),
    "no picture": (lambda m: put(operator(m, CONV), "inputs", 0, -1), "CONV_2D without picture"),
    "one tensor less": (
        lambda m: setattr(operator(m, CONV), "inputs", operator(m, CONV).inputs[:2]),
        "CONV_2D of 2 tensors",
    ),
    "an output in place of weights": (
        lambda m: put(operator(m, CONV), "outputs", 0, 23), "CONV_2D to what is there already",
    ),
    "a later picture": (lambda m: put(operator(m, CONV), "inputs", 0, 30), "CONV_2D too early"),
    "filters of more channels than their picture": (
        lambda m: (
            setattr(graph(m).tensors[21], "shape", [24, 3, 3, 160]),
            setattr(m.buffers[22], "data", np.zeros(24 * 3 * 3 * 160, np.uint8)),
        ),
        "160 channels for (1, 48, 48, 16)",
    ),
    "a smaller picture than is computed": (
        lambda m: setattr(graph(m).tensors[25], "shape", [1, 4, 4, 16]),
        "CONV_2D to (1, 4, 4, 16), not (1, 48, 48, 16)",
    ),
    "a picture of more than there is memory": (
        lambda m: setattr(graph(m).tensors[0], "shape", [1, 2**30, 2**30, 1]),
        "it takes (1, 1073741824, 1073741824, 1), not (1, 48, 48, 1)",
    ),
    "a negative side": (
        lambda m: setattr(graph(m).tensors[25], "shape", [1, -48, -48, 16]),
        "a tensor of shape (1, -48, -48, 16)",
    ),
    "less data than a tensor has": (
        lambda m: setattr(m.buffers[22], "data", m.buffers[22].data[:-1]),
        "3455 bytes for a tensor of 3456",
    ),
    "data outside the front": (
        lambda m: (setattr(m.buffers[22], "offset", 10), setattr(m.buffers[22], "size", 10**9)),
        "field 1 of the table at",
    ),
    "a mean over another axis": (
        lambda m: setattr(m.buffers[2], "data", np.array([1, 7], "<i4").view(np.uint8)),
        "a mean over [1, 7]",
    ),
    "a stride of zero": (
        lambda m: setattr(operator(m, CONV).builtinOptions, "strideW", 0),
        "a window of 3, moved by 0",
    ),
    "options of another operator": (
        lambda m: setattr(operator(m, ADD), "builtinOptionsType", 1),
        "ADD with options of another operator",
    ),
    "more dense weights than their picture has": (
        lambda m: (
            setattr(graph(m).tensors[3], "shape", [4, 960]),
            setattr(m.buffers[4], "data", np.zeros(4 * 960, np.uint8)),
        ),
        "(1, 96) for dense weights of (4, 960)",
    ),
    "a scale that is no number": (
        lambda m: put(graph(m).tensors[25].quantization, "scale", 0, np.nan),
        "a scale that is none",
    ),
    "a step that overflows": (
        lambda m: put(graph(m).tensors[25].quantization, "scale", 0, 1e-30), "CONV_2D by ",
    ),
    "fewer scales than filters": (
        lambda m: (
            setattr(graph(m).tensors[23].quantization, "scale", [0.1] * 3),
            setattr(graph(m).tensors[23].quantization, "zeroPoint", [0] * 3),
        ),
        "scales for (16, 3, 3, 1)",
    ),
    "weights around another zero": (
        lambda m: put(graph(m).tensors[23].quantization, "zeroPoint", 3, 99),
        "weights around another zero",
    ),
    "another type": (lambda m: setattr(graph(m).tensors[25], "type", 5), "a tensor of type 5"),
    "a variable": (
        lambda m: setattr(graph(m).tensors[25], "isVariable", True), "field 5 of the table at",
    ),
    "two graphs": (lambda m: m.subgraphs.append(graph(m)), "2 subgraphs"),
    "two outputs": (lambda m: setattr(graph(m), "outputs", [40, 39]), "ends [0, 40, 39]"),
    "another output": (lambda m: setattr(graph(m), "outputs", [38]), "signature [0, 40]"),
    "a signature of a tensor that is not there": (
        lambda m: setattr(m.signatureDefs[0].outputs[0], "tensorIndex", 4000),
        "signature [0, 4000]",
    ),
    "a kind of operator that nothing uses": (
        lambda m: (
            m.operatorCodes.append(type(m.operatorCodes[0])()),
            setattr(m.operatorCodes[-1], "builtinCode", 99),
        ),
        "an operator with code 99",
    ),
    "a signature without a name": (
        lambda m: setattr(m.signatureDefs[0].inputs[0], "name", None),
        "a signature without names",
    ),
    "a signature without a key": (
        lambda m: setattr(m.signatureDefs[0], "signatureKey", None),
        "a signature without names",
    ),
    "two signatures": (lambda m: m.signatureDefs.append(m.signatureDefs[0]), "2 signatures"),
    "axes in a square": (
        lambda m: setattr(graph(m).tensors[1], "shape", [1, 2]),
        "a mean over (1, 2)",
    ),
    "a bias without scales": (
        lambda m: setattr(graph(m).tensors[22], "quantization", None),
        "CONV_2D of bias without its scales",
    ),
    "a scale along another axis": (
        lambda m: setattr(graph(m).tensors[25].quantization, "quantizedDimension", 3),
        "scales along axis 3",
    ),
    "unknown metadata": (lambda m: setattr(m.metadata[0], "name", "other"), "metadata other"),
    "metadata that is not there": (
        lambda m: setattr(m.metadata[0], "buffer", 4000),
        "metadata min_runtime_version is not there",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_forged_graph_is_refused_with_what_is_wrong(schema: Any, name: str) -> None:
    change, message = CHANGES[name]
    with pytest.raises(ModelError) as error:
        check_model(forged(schema, change), "m.tflite")
    assert str(error.value).startswith("m.tflite is not as this project exports it (")
    assert message in str(error.value)
    assert str(error.value).endswith("), and was not run: export it again")


def test_an_unchanged_graph_is_accepted_and_read_as_tensorflow_reads_it(schema: Any) -> None:
    content = forged(schema, lambda model: None)
    check_model(content, "m.tflite")
    ours = read_graph(content, len(flatbuffer(content)))
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    (theirs,) = model.subgraphs
    assert (ours.input, ours.output) == (theirs.inputs[0], theirs.outputs[0])
    for tensor, other in zip(ours.tensors, theirs.tensors, strict=True):
        assert list(tensor.shape) == other.shape.tolist()
        assert getattr(schema.TensorType, tensor.type.upper()) == other.type
        data = model.buffers[other.buffer].data
        assert (tensor.data is None) == (data is None)
        assert data is None or np.array_equal(tensor.data, data)
        if len(tensor.scale):
            assert np.array_equal(tensor.scale, other.quantization.scale)
            assert np.array_equal(tensor.zero_point, other.quantization.zeroPoint)
            assert tensor.axis == other.quantization.quantizedDimension
    for step, other in zip(ours.operators, theirs.operators, strict=True):
        code = model.operatorCodes[other.opcodeIndex]
        assert getattr(schema.BuiltinOperator, step.name) == code.builtinCode
        assert (step.version, list(step.inputs)) == (code.version, other.inputs.tolist())
        assert [step.output] == other.outputs.tolist()
        if step.name == "CONV_2D":
            options = other.builtinOptions
            assert step.options.get("padding", 0) == options.padding
            assert step.options["stride_x"] == options.strideW
            assert step.options["stride_y"] == options.strideH
            assert step.options.get("activation", 0) == options.fusedActivationFunction


def test_the_numbers_of_the_format_are_tensorflows(schema: Any) -> None:
    for code, name in OPERATORS.items():
        assert getattr(schema.BuiltinOperator, name) == code
    for code, name in TYPES.items():
        assert getattr(schema.TensorType, name.upper()) == code
    kinds = {
        "CONV_2D": "Conv2DOptions", "MAX_POOL_2D": "Pool2DOptions", "ADD": "AddOptions",
        "FULLY_CONNECTED": "FullyConnectedOptions", "MEAN": "ReducerOptions",
    }  # fmt: skip
    assert {name: kind for name, (kind, _) in OPTIONS.items()} == {
        name: getattr(schema.BuiltinOptions, kind) for name, kind in kinds.items()
    }


def with_contract(**changes: Any) -> bytes:
    contract = {**json.loads(FILES[CONTRACT_NAME]), **changes}
    kept = {name: value for name, value in contract.items() if value is not ...}
    return packed(FRONT, FILES | {CONTRACT_NAME: json.dumps(kept).encode()})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": ...}, "data is missing"),
        ({"metrics": []}, "metrics is '[]'"),
        ({"metrics": {"keras": 3}}, "metrics.keras is '3'"),
        ({"name": "\x1b[2J"}, r"name is '\x1b[2J'"),
        ({"name": "n" * 300}, "a name of 300 characters"),
        ({"versions": {"a\nb": "1"}}, r"a name in versions is 'a\nb'"),
        ({"operators": ["CONV_2D 3", 5]}, "operators.1 is '5'"),
        ({"multiply_adds": 10**400}, "multiply_adds is '1000"),
        ({"input": {"width": 48.5, "height": 48, "channels": 1}}, "input.width is '48.5'"),
        ({"input": {"width": 10**6, "height": 48, "channels": 1}}, "an input of 1000000x48"),
        ({"thresholds": ..., "decision_band": [0.4, 0.6]}, "golden scores of shape (4, 4)"),
        ({"schema": 1}, "labels ('happy', 'sad', 'neutral', 'other')"),
        ({"schema": []}, "unhashable"),
        ({"mirrored": "yes"}, "mirrored 'yes'"),
    ],
)
def test_a_contract_with_fields_of_another_kind_is_refused(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelError) as error:
        check_model(with_contract(**changes), "m.tflite")
    assert str(error.value).startswith("m.tflite is damaged (contract: ")
    assert message in str(error.value)
    assert one_line(error.value) == str(error.value)


def golden(**arrays: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return packed(FRONT, FILES | {GOLDEN_NAME: out.getvalue()})


PICTURES, SCORES = np.zeros((1, 48, 48, 1), np.uint8), np.zeros((1, 4))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (golden(inputs=PICTURES[:0], scores=SCORES[:0]), "golden inputs of shape (0, 48, 48, 1)"),
        (
            golden(inputs=PICTURES.repeat(9, 0), scores=SCORES.repeat(9, 0)),
            "inputs.npy of ",
        ),
        (golden(inputs=np.zeros(10**8, np.uint8), scores=SCORES), "inputs.npy of 100000128 bytes"),
        (golden(inputs=PICTURES, scores=SCORES * np.nan), "golden scores of shape (1, 4)"),
        (golden(inputs=PICTURES, scores=SCORES.astype("f4")), "an array of float32"),
        (golden(inputs=PICTURES, scores=np.array([{}], object)), "an array of object"),
        (golden(inputs=PICTURES, scores=SCORES, more=SCORES), "3 files inside, 2 expected"),
        (packed(FRONT, FILES | {"labels.txt": bytes(2_000)}), "labels.txt of 2000 bytes"),
        (packed(FRONT, FILES | {"more.txt": b""}), "4 files inside, 3 expected"),
        (packed(FRONT, FILES | {CONTRACT_NAME: b"[" * 90_000}), "recursion"),
        (packed(FRONT, FILES | {CONTRACT_NAME: b'{"a": NaN}'}), "NaN in contract.json"),
        (SOUND + b"\0", "it does not end as an archive does"),
    ],
)
def test_what_does_not_belong_into_the_archive_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(ModelError) as error:
        check_model(content, "m.tflite")
    assert message in str(error.value)
    assert one_line(error.value) == str(error.value)


@pytest.mark.parametrize("flag", [0x01, 0x20, 0x40])
def test_a_flag_of_the_archive_is_one_line_whatever_it_asks_for(flag: int) -> None:
    content = bytearray(SOUND)
    entry = content.rindex(b"PK\1\2")
    content[entry + 8] ^= flag
    with pytest.raises(ModelError) as error:
        check_model(bytes(content), "m.tflite")
    assert str(error.value).startswith("m.tflite carries no readable contract (")


@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero", "/proc/self/status", "/proc/kmsg"])
def test_a_file_that_is_none_is_one_line(path: str) -> None:
    if not Path(path).exists():
        pytest.skip(f"no {path} here")
    with pytest.raises(ModelError, match=f"^({path} is not |cannot read {path}: )"):
        read_model(Path(path))


def test_a_loop_of_links_and_a_name_that_is_too_long_are_one_line(tmp_path: Path) -> None:
    loop = tmp_path / "loop.tflite"
    loop.symlink_to(loop)
    for path, reason in ((loop, "Too many levels"), (tmp_path / ("n" * 300), "File name too long")):
        with pytest.raises(ModelError, match=f"^cannot read {path}: {reason}"):
            read_model(path)


def test_mutants_are_refused_or_sound_and_never_a_crash(tmp_path: Path) -> None:
    done = run_module("tests.support.model_mutants", "60", "3")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert set(found["outcomes"]) <= {"refused", "sound"}
    assert sum(found["outcomes"].values()) == 60
    assert found["outcomes"]["refused"] > 40
    assert found["memory_mb"] < 300


def test_the_same_seed_makes_the_same_mutants() -> None:
    maker = Mutants(SOUND)
    one, other = (maker.make(np.random.default_rng([1, 2])) for _ in range(2))
    assert one == other
