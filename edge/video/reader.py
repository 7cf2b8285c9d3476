"""An open video or network stream, as an iterator of its frames."""

from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import VideoError
from ..machine.memory import picture_bytes
from .frame import VideoFrame
from .known import CODECS, CONTAINERS
from .pyav import pyav
from .upright import Postures

if TYPE_CHECKING:
    from av.video.frame import VideoFrame as Decoded


class Readable(Protocol):
    """An open file.

    Attributes:
        name: Its address.
    """

    name: str

    def read(self, size: int) -> bytes:
        """The next bytes, at most so many."""


MAX_PIXELS = 36_000_000  # 8K
# Frames that are left out after damage, where no key frame comes before: a picture that is
# refreshed bit by bit is whole again by then (x264 refreshes one in 250 frames at most).
HEALING_FRAMES = 250
INTRA = 1  # AV_PICTURE_TYPE_I: of no other frame; not every encoder marks the frames to begin at
PIXEL_BYTES = 16  # that decoding takes of memory for each; 12 of 4K with two threads, measured


class Video:
    """An open video; a context manager, and an iterator that ends where the video does.

    Frames that are damaged are left out and counted, and so are those that were decoded from them,
    up to the next key frame: every frame that is given was decoded from what the video holds.

    Attributes:
        size_wh: (width, height) of the stored picture in pixels, known before any is decoded;
            (0, 0) where the container does not tell, or where it is too large.
        fps: Frames per second, by the video's account or its average; None where it says nothing.
        form: The container, by FFmpeg's name, as in "mov,mp4,m4a,3gp,3g2,mj2" or "rtsp".
        codec: As in "h264".
        duration_s: By the container's account, in seconds; None of a live stream.
        count: Frames given until now.
        damaged: Frames left out until now; of a damaged stretch the decoder may report one alone.
    """

    def __init__(
        self,
        place: Path | str | Readable,
        *,
        options: Mapping[str, str] | None = None,
        form: str | None = None,
        timeouts_s: tuple[float, float] | None = None,
        io_open: Callable[[str, int, dict[str, str]], Any] | None = None,
        threads: int = 1,
        max_pixels: int | None = None,
    ) -> None:
        """Opens it, and reads as far as its description.

        Args:
            place: A path, which is read as a local file whatever it looks like; a URL; or a file
                that is open, whose name says what a playlist in it is relative to.
            options: For FFmpeg's demuxer and protocols; they are added to ours, and win.
            form: The demuxer to use; None to find out from the content.
            timeouts_s: How long opening, and each wait for a packet, may take; None: no limit.
            io_open: Opens what the video refers to elsewhere (address, flags, options), giving an
                object with `read`; None leaves it to FFmpeg and its protocol_whitelist.
            threads: Threads that decode; more than one delays frames by as many.
            max_pixels: A video with more in a frame is refused, and so is such a frame later on;
                None for what this machine's memory allows.

        Raises:
            VideoError: It is none, or of a kind that is not read; its cause is PyAV's error.
            RuntimeMissingError: PyAV is missing.
        """
        self._av = pyav()
        max_pixels = max_pixels or min(MAX_PIXELS, picture_bytes() // PIXEL_BYTES)
        limits = {"codec_whitelist": ",".join(CODECS), "max_pixels": str(max_pixels)}
        settings = {"format_whitelist": ",".join(CONTAINERS), **limits}
        if isinstance(place, Path):
            settings["protocol_whitelist"] = "file"
            place = f"file:{place.absolute()}"
        try:
            self._container = self._av.open(
                place, format=form, options={**settings, **(options or {})},
                timeout=timeouts_s, io_open=io_open, metadata_errors="replace",
            )  # fmt: skip
        except (self._av.error.FFmpegError, ValueError) as error:
            raise VideoError(f"not a video that is read here ({_reason(error)})") from error
        try:
            self._stream = self._picture_stream()
            context = self._stream.codec_context
            context.options = limits
            context.thread_type, context.thread_count = "AUTO" if threads > 1 else "NONE", threads
            self.size_wh = (int(context.width), int(context.height))
            if self.size_wh[0] * self.size_wh[1] > max_pixels:
                size = f"{self.size_wh[0]}x{self.size_wh[1]}"
                cap = f"more than the {max_pixels / 1e6:.0f} million that are read here"
                raise VideoError(f"frames of {size} pixels, {cap}")
        except VideoError:
            self._container.close()
            raise
        stream = self._stream
        rates = (stream.guessed_rate, stream.average_rate, stream.base_rate)
        self.fps = next((float(rate) for rate in rates if rate and 0 < rate <= 1000), None)
        self.form, self.codec = self._container.format.name, context.name
        duration = self._container.duration  # in microseconds, AV_TIME_BASE
        self.duration_s = duration / 1e6 if duration and duration > 0 else None
        self.count = self.damaged = 0
        # A stream may have been joined, or a file cut, in between. H.264's decoder knows itself
        # from where on its pictures are whole, also where no frame is marked as a key.
        self._to_heal = 0 if self._stream.codec_context.name == "h264" else HEALING_FRAMES
        from .clock import Clock  # it loads decimal too: not for pictures

        self._clock = Clock(self.fps)
        self._frames = self._read()

    def _picture_stream(self) -> Any:
        """The stream to show; the cover of a song is none."""
        stream = self._container.streams.best("video")
        if stream is None or stream.disposition & self._av.stream.Disposition.attached_pic:
            raise VideoError("no video in it")
        if stream.codec_context is None or stream.codec_context.name not in CODECS:
            name = stream.codec_context.name if stream.codec_context else "unknown"
            raise VideoError(f"its codec is not supported ({name})")
        return stream

    def __enter__(self) -> "Video":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file or connection; may be called twice."""
        self._frames.close()
        self._container.close()

    def __iter__(self) -> Iterator[VideoFrame]:
        return self

    def __next__(self) -> VideoFrame:
        """The next frame; waits for it, no longer than the timeout.

        Raises:
            VideoError: Reading failed: damaged beyond what can be skipped, cut off, or timed out;
                its cause is PyAV's error.
        """
        return next(self._frames)

    def _read(self) -> Generator[VideoFrame]:
        converter, postures = self._av.video.reformatter.VideoReformatter(), Postures()
        for decoded in self._decode():
            if decoded.is_corrupt:
                self._note_damage()
                continue
            if self._to_heal and not (decoded.key_frame or decoded.pict_type == INTRA):
                self._to_heal -= 1
                self.damaged += self.count > 0
                continue
            self._to_heal = 0
            posture, time_s = postures.of(decoded), self._clock.time_s(decoded)
            yield VideoFrame(decoded, converter, posture, self.count, time_s)
            self.count += 1

    def _decode(self) -> Iterator["Decoded"]:
        """What the decoder gives; a damaged packet is counted and the next one tried."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except self._av.error.FFmpegError as error:
                raise VideoError(_reason(error)) from error
            if packet is None:
                return
            if packet.is_corrupt:  # cut short, or a part of it was lost on its way
                self._note_damage()
                continue
            try:
                decoded = packet.decode()
            except self._av.error.EOFError:
                return
            except self._av.error.FFmpegError:
                self._note_damage()
                continue
            yield from decoded

    def _note_damage(self) -> None:
        self.damaged += 1
        self._to_heal = HEALING_FRAMES


def _reason(error: Exception) -> str:
    """FFmpeg's words; "Invalid argument" is what it says of a container that is not allowed."""
    said = str(getattr(error, "strerror", None) or error)
    return "unknown container" if said == "Invalid argument" else said
