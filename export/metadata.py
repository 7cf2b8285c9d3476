"""The TFLITE_METADATA buffer: what other tools read of our model.

Its tables and the order of their fields are those of metadata_schema.fbs 1.5.0 (TensorFlow
Authors, Apache-2.0; it comes in the mediapipe wheel, under mediapipe/tasks/metadata). They are
written here with the `flatbuffers` package, because the packages that would do it bring a second
OpenCV that overwrites ours (mediapipe) or end at Python 3.10 (tflite-support).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import flatbuffers
import numpy as np

from edge.images.preprocess import InputSpec

IDENTIFIER = b"M001"

# Every field's number is its place in its table.
MODEL = (
    "name", "description", "version", "subgraph_metadata", "author", "license",
    "associated_files", "min_parser_version",
)  # fmt: skip
SUBGRAPH = ("name", "description", "input_tensor_metadata", "output_tensor_metadata")
TENSOR = (
    "name", "description", "dimension_names", "content", "process_units", "stats",
    "associated_files",
)  # fmt: skip
FILE = ("name", "description", "type")
CONTENT = ("content_properties_type", "content_properties")
IMAGE = ("color_space", "default_size")
SIZE = ("width", "height")
UNIT = ("options_type", "options")
NORMALIZATION = ("mean", "std")
STATS = ("max", "min")
RGB, GRAYSCALE = np.int8(1), np.int8(2)  # ColorSpaceType
FEATURE_PROPERTIES, IMAGE_PROPERTIES = np.uint8(1), np.uint8(2)  # ContentProperties
NORMALIZATION_OPTIONS = np.uint8(1)  # ProcessUnitOptions
OTHER_FILE, VALUE_LABELS = np.int8(0), np.int8(3)  # AssociatedFileType

Table = dict[int, Any]


def build_metadata(
    *,
    name: str,
    description: str,
    version: str,
    spec: InputSpec,
    answers: Sequence[str],
    labels_file: str,
    other_files: Mapping[str, str],
) -> bytes:
    """The metadata FlatBuffer of a classifier with one picture in and one output.

    Args:
        name: Of the model.
        description: What it does, in a sentence.
        version: Of the program that exported it.
        spec: The input; pixels are fed as they are (mean 0, standard deviation 1).
        answers: The model's: with two the output is P(sad), with three logits.
        labels_file: Name of the file in the archive whose line n names class n.
        other_files: Name and description of the other files in the archive.
    """
    is_rgb = spec.channels == 3
    colours = "R, G, B" if is_rgb else "gray, at full contrast" if spec.stretched else "gray"
    picture = _table(
        TENSOR,
        name="image",
        description=f"The picture, stretched to {spec.width}x{spec.height} pixels, "
        f"{colours}, 0 to 255; the model scales them itself.",
        content=_table(
            CONTENT,
            content_properties_type=IMAGE_PROPERTIES,
            content_properties=_table(
                IMAGE,
                color_space=RGB if is_rgb else GRAYSCALE,
                default_size=_table(
                    SIZE, width=np.uint32(spec.width), height=np.uint32(spec.height)
                ),
            ),
        ),
        process_units=[
            _table(
                UNIT,
                options_type=NORMALIZATION_OPTIONS,
                options=_table(NORMALIZATION, mean=[0.0], std=[1.0]),
            )
        ],
        stats=_table(STATS, max=[255.0], min=[0.0]),
    )
    has_two = len(answers) == 2
    p_sad = "Probability of class 1 (sad), 0 to 1; that of class 0 (happy) is 1 - p_sad."
    output = _table(
        TENSOR,
        name="p_sad" if has_two else "logits",
        description=p_sad if has_two else "Logits; their softmax is the classes' probabilities.",
        content=_table(
            CONTENT,
            content_properties_type=FEATURE_PROPERTIES,
            content_properties=_table(()),
        ),
        stats=_table(STATS, max=[1.0], min=[0.0]) if has_two else _table(()),
        associated_files=[
            _table(FILE, name=labels_file, description="Line n names class n.", type=VALUE_LABELS)
        ],
    )
    model = _table(
        MODEL,
        name=name,
        description=description,
        version=version,
        subgraph_metadata=[
            _table(SUBGRAPH, input_tensor_metadata=[picture], output_tensor_metadata=[output])
        ],
        associated_files=[
            _table(FILE, name=file, description=text, type=OTHER_FILE)
            for file, text in other_files.items()
        ],
        min_parser_version="1.0.0",  # no field here is newer than the schema's first release
    )
    builder = flatbuffers.Builder(1024)
    builder.Finish(_write(builder, model), file_identifier=IDENTIFIER)
    return bytes(builder.Output())


def _table(fields: tuple[str, ...], **values: Any) -> Table:
    """Values under their field numbers."""
    return {fields.index(name): value for name, value in values.items()}


def _write(builder: flatbuffers.Builder, value: Any) -> int:
    """Writes a string, a vector of floats or tables, or a table; returns its offset."""
    if isinstance(value, str):
        return builder.CreateString(value)
    if isinstance(value, list) and isinstance(value[0], float):
        return builder.CreateNumpyVector(np.array(value, np.float32))
    if isinstance(value, list):
        offsets = [_write(builder, item) for item in value]
        builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            builder.PrependUOffsetTRelative(offset)
        return builder.EndVector()
    # A FlatBuffer is written from its leaves: all children before the table itself starts.
    written = {
        number: field if isinstance(field, np.integer) else _write(builder, field)
        for number, field in value.items()
    }
    builder.StartObject(max(written, default=-1) + 1)
    for number, field in written.items():
        if isinstance(field, np.integer):
            scalar_slots = {
                np.int8: builder.PrependInt8Slot,
                np.uint8: builder.PrependUint8Slot,
                np.uint32: builder.PrependUint32Slot,
            }
            scalar_slots[type(field)](number, int(field), 0)
        else:
            builder.PrependUOffsetTRelativeSlot(number, field, 0)
    return builder.EndObject()
