"""Pictures that decoders get wrong: BMP, GIF and TIFF of every layout, phones', damaged JPEGs."""

import io
import struct
import sys

import numpy as np
import pytest
from PIL import Image, ImageCms

from edge.errors import ImageError
from edge.images.image_file import decode_image
from tests.support.command import run_program
from tests.support.image_forms import GOOD
from tests.support.odd_pictures import BMP_HEADERS, INDEX, MASKS_565, RGB, bmp, gif, tiff

BGR = RGB[..., ::-1]
GRAY = RGB[..., 0]


def levels(bits: int) -> np.ndarray:
    """GRAY in so many bits, as (height, width, 1)."""
    return np.rint(GRAY / 255 * ((1 << bits) - 1)).astype(np.uint16)[..., np.newaxis]


def as_8_bits(stored: np.ndarray, bits: int) -> np.ndarray:
    return np.rint(stored * (255 / ((1 << bits) - 1))).astype(np.uint8).repeat(3, -1)


@pytest.mark.parametrize("bits", [1, 4, 8, 24, 32])
@pytest.mark.parametrize("header", BMP_HEADERS)
def test_a_bmp_of_any_header_is_read(header: int, bits: int) -> None:
    if header == 12 and bits == 32:
        pytest.skip("OS/2 1 has no 32 bits")
    expected = BGR if bits > 1 else BGR[0, 0] + (INDEX > 0)[..., None] * (BGR[12, 0] - BGR[0, 0])
    assert (decode_image(bmp(header, bits)) == expected).all()


@pytest.mark.parametrize("header", [40, 52, 56, 108, 124])
def test_a_bmp_of_16_bits_is_read_by_its_masks(header: int) -> None:
    pixels = decode_image(bmp(header, 16, masks=MASKS_565))
    assert np.abs(pixels.astype(int) - BGR).max() <= 4  # of 5 and 6 bits


@pytest.mark.parametrize("bits", [4, 8])
def test_a_bmp_of_runs_and_odd_widths_is_read(bits: int) -> None:
    assert (decode_image(bmp(40, bits, runs=True)) == BGR).all()


def test_a_bmp_of_a_rare_kind_is_not_called_damaged() -> None:
    with pytest.raises(ImageError, match=r"^not supported: a BMP of this kind \(Unsupported BMP"):
        decode_image(bmp(40, 16, masks=(0xF00, 0xF0, 0xF)))


@pytest.mark.parametrize("clear", [(0,), (0, None), (None, 0), (0, 0), (None,)])
def test_a_gif_is_white_where_its_first_frame_is_transparent(clear: tuple) -> None:
    expected = BGR.copy()
    if clear[0] == 0:
        expected[INDEX == 0] = 255
    assert (decode_image(gif(clear=clear)) == expected).all()


@pytest.mark.parametrize("name", [b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012", b"XMP DataXMP"])
def test_a_gif_with_the_block_of_any_application_is_read(name: bytes) -> None:
    assert (decode_image(gif(application=name)) == BGR).all()


@pytest.mark.parametrize("canvas_wh", [(0, 0), (30, 20), (37, 23)])
def test_a_gif_whose_frame_is_larger_than_the_canvas_is_read(canvas_wh: tuple) -> None:
    assert (decode_image(gif(canvas_wh=canvas_wh)) == BGR).all()


def test_a_gif_is_white_where_the_first_frame_does_not_reach() -> None:
    pixels = decode_image(gif(canvas_wh=(50, 40)))
    assert (pixels[:23, :37] == BGR).all()
    assert (pixels[23:] == 255).all()
    assert (pixels[:, 37:] == 255).all()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("planar", [False, True])
def test_a_tiff_of_16_bits_is_read_plane_by_plane_and_not(planar: bool, order: str) -> None:
    content = tiff(RGB.astype(np.uint16) * 257, 16, planar=planar, order=order)
    assert (decode_image(content) == BGR).all()


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("photometric", [0, 1])
def test_a_gray_tiff_of_any_depth_is_read(bits: int, photometric: int) -> None:
    stored = levels(bits)
    shown = as_8_bits(stored, bits)
    inverted = (1 << bits) - 1 - stored if photometric == 0 else stored
    pixels = decode_image(tiff(inverted, bits, photometric=photometric))
    assert np.abs(pixels.astype(int) - shown).max() <= 1


def test_a_tiff_in_lab_colours_is_read() -> None:
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    transform = ImageCms.buildTransform(*profiles, "RGB", "LAB")
    file = io.BytesIO()
    ImageCms.applyTransform(Image.fromarray(RGB), transform).save(file, "TIFF")
    assert np.abs(decode_image(file.getvalue()).astype(int) - BGR).mean() < 2


@pytest.mark.parametrize(("kind", "name"), [(2, "signed"), (3, "floating-point")])
def test_a_tiff_of_numbers_without_a_white_is_not_called_damaged(kind: int, name: str) -> None:
    content = tiff(levels(16), 16, photometric=1, tags=[(339, 3, kind)])
    with pytest.raises(ImageError, match=r"^not supported: .*: convert it to PNG or JPEG$"):
        decode_image(content)


def test_a_tiff_of_an_unknown_compression_is_not_called_damaged() -> None:
    content = tiff(RGB, 8, tags=[(259, 3, 34712)])
    with pytest.raises(ImageError) as caught:
        decode_image(content)
    kind = "a TIFF of this kind (unknown compression 34712)"
    assert str(caught.value) == f"not supported: {kind}: convert it to PNG or JPEG"


def test_a_tag_of_another_type_is_damage_in_our_words() -> None:
    content = tiff(RGB, 8)
    samples = struct.pack("<HH", 277, 3)
    assert content.count(samples) == 1
    content = content.replace(samples, struct.pack("<HH", 277, 2))  # as text
    with pytest.raises(ImageError, match=r"^damaged TIFF$"):
        decode_image(content)


def test_a_damaged_strip_of_a_tiff_is_refused() -> None:
    content = bytearray(GOOD["lzw.tif"].content)
    content[8:12] = b"\xff" * 4
    with pytest.raises(ImageError, match=r"^damaged TIFF$"):
        decode_image(bytes(content))


# How TIFF stores a number: type, and struct's letter (TIFF 6.0, section 2).
KINDS = {
    "BYTE": (1, "B"),
    "SHORT": (3, "H"),
    "LONG": (4, "I"),
    "SSHORT": (8, "h"),
    "SLONG": (9, "i"),
}


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_an_orientation_of_any_integer_type_is_minded(form: str, kind: str, order: str) -> None:
    number, letter = KINDS[kind]
    value = struct.pack(order + letter, 6).ljust(4, b"\0")
    start = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "IH", 8, 1)
    exif = b"Exif\0\0" + start + struct.pack(order + "HHI", 0x112, number, 1) + value + bytes(4)
    file = io.BytesIO()
    Image.fromarray(RGB).save(file, form, exif=exif)
    assert decode_image(file.getvalue()).shape == (37, 23, 3)


@pytest.mark.parametrize("spoilt", [b"\xff\x02", b"\xff\xc4", b"\xff\xd9", b"\xff\xd0"])
def test_a_jpeg_with_a_marker_where_pixels_should_be_is_refused(spoilt: bytes) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "JPEG", quality=80)
    content = bytearray(file.getvalue())
    at = content.index(b"\xff\xda") + 1000
    content[at : at + 2] = spoilt
    with pytest.raises(ImageError, match=r"^damaged JPEG$"):
        decode_image(bytes(content))


@pytest.mark.parametrize(("at", "value", "kind"), [(1, 0xC3, "lossless"), (4, 12, "12-bit")])
def test_a_jpeg_of_a_rare_kind_is_not_called_damaged(at: int, value: int, kind: str) -> None:
    content = bytearray(GOOD["rgb.jpg"].content)
    content[content.index(b"\xff\xc0") + at] = value
    with pytest.raises(ImageError) as caught:
        decode_image(bytes(content))
    assert str(caught.value) == f"not supported: a JPEG of this kind ({kind}): convert it"


def test_spare_bytes_before_the_end_of_a_jpeg_are_no_damage() -> None:
    content = GOOD["rgb.jpg"].content
    assert decode_image(content[:-2] + bytes(9) + content[-2:]).shape == (32, 64, 3)


@pytest.mark.parametrize("form", ["AVIF", "HEIF"])
def test_a_picture_of_a_phone_is_read_upright(form: str) -> None:
    heif = pytest.importorskip("pillow_heif", reason="the extra heic is not installed")
    heif.register_heif_opener()
    sides = np.repeat(np.repeat(RGB[[0, 12]][:, [0, 30]], 32, 0), 48, 1)
    image, file = Image.fromarray(sides), io.BytesIO()
    image.getexif()[0x112] = 6
    kept = {"exif": image.getexif()} if form == "AVIF" else {}  # HEIF turns it by itself
    image.save(file, form, quality=90, **kept)
    pixels = decode_image(file.getvalue())
    expected = np.rot90(sides, -1)[..., ::-1]
    assert pixels.shape == expected.shape
    assert np.abs(pixels.astype(int) - expected).mean() < 8


BEGINS = {"HEIC": b"\0\0\0\x18ftypheic", "GIF": b"GIF89a", "AVIF": b"\0\0\0\x18ftypavif"}


@pytest.mark.parametrize(
    ("missing", "form", "how"),
    [
        ("pillow_heif", "HEIC", "'pillow-heif>=1.0,<2'"),
        ("PIL", "GIF", "'pillow>=11.3,<14'"),
        ("PIL", "AVIF", "'pillow>=11.3,<14'"),
    ],
)
def test_a_form_without_its_reader_says_what_to_do(missing: str, form: str, how: str) -> None:
    program = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from edge.errors import ImageError\n"
        "from edge.images.image_file import decode_image\n"
        f"try: decode_image({BEGINS[form] + bytes(99)!r})\n"
        "except ImageError as error: print(error)\n"
    )
    done = run_program(program, check=True)
    command = f"{sys.executable} -m pip install {how}"
    assert done.stdout == f"{form} is not read here: convert it to JPEG, or {command}\n"
