"""The kinds of videos that are read, and no others: what FFmpeg may open for us is listed here."""

# By the names that FFmpeg's demuxers have. Playlists (hls, dash, concat) are not among them: they
# name other files and hosts.
CONTAINERS = (
    "asf", "av1", "avi", "dv", "flv", "h264", "hevc", "ivf", "m4v", "matroska", "mjpeg", "mov",
    "mpeg", "mpegts", "mpegvideo", "mxf", "ogg",
)  # fmt: skip
# By the names of its decoders: what cameras, phones, editors and browsers write. A decoder that
# nobody needs is one that nobody can attack (CVE-2026-8461 was in one for MagicYUV).
CODECS = (
    "av1", "dnxhd", "dvvideo", "ffv1", "ffvhuff", "flv", "h263", "h263i", "h263p", "h264", "hevc",
    "huffyuv", "libdav1d", "mjpeg", "mpeg1video", "mpeg2video", "mpeg4", "msmpeg4", "msmpeg4v1",
    "msmpeg4v2", "png", "prores", "rawvideo", "theora", "vc1", "vp6", "vp6f", "vp8", "vp9", "wmv1",
    "wmv2", "wmv3",
)  # fmt: skip
DEFAULT_FPS = 25.0  # of a video that does not say
SUFFIXES = frozenset([
    ".264", ".265", ".3g2", ".3gp", ".asf", ".avi", ".divx", ".dv", ".f4v", ".flv", ".h264",
    ".h265", ".hevc", ".ivf", ".m2ts", ".m2v", ".m4v", ".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4",
    ".mpe", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".ts", ".vob", ".webm", ".wmv",
])  # fmt: skip
