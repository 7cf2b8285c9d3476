"""An RTSP camera on loopback: GStreamer's server, which Debian's own Python runs.

`/usr/bin/python3 tests/support/rtsp_server.py PORT FPS FOLDER` plays 000.jpg, 001.jpg, ... of the
folder in a loop at rtsp://127.0.0.1:PORT/camera. Needs python3-gi, gir1.2-gst-rtsp-server-1.0 and
gstreamer1.0-plugins-good.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

port, fps, folder = sys.argv[1:]
Gst.init(None)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(port)
factory = GstRtspServer.RTSPMediaFactory()
factory.set_launch(
    f"( multifilesrc location={folder}/%03d.jpg loop=true caps=image/jpeg,framerate={fps}/1 "
    "! jpegdec ! videoconvert ! video/x-raw,format=I420 ! identity sync=true ! jpegenc "
    "! rtpjpegpay name=pay0 )"
)
factory.set_shared(True)
server.get_mount_points().add_factory("/camera", factory)
server.attach(None)
print("ready", flush=True)
GLib.MainLoop().run()
