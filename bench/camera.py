"""A camera on loopback, MJPEG over HTTP: `python -m bench.camera VIDEO FPS` plays it in a loop."""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from edge.images.video_file import read_video
from edge.machine.opencv import cv2

BOUNDARY = "frame"


def serve(video: Path, fps: float) -> None:
    """Serves until the process is killed; prints the address first."""
    jpegs = [cv2.imencode(".jpg", frame.image)[1].tobytes() for frame in read_video(video)]
    began_s = time.monotonic()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Says nothing of each request."""

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
            self.end_headers()
            try:
                while True:
                    number = int((time.monotonic() - began_s) * fps)
                    jpeg = jpegs[number % len(jpegs)]
                    head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\n"
                    head += f"Content-Length: {len(jpeg)}\r\n\r\n"
                    self.wfile.write(head.encode() + jpeg + b"\r\n")
                    time.sleep(max(0.0, began_s + (number + 1) / fps - time.monotonic()))
            except OSError:  # whoever watched has ended
                pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}/", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), float(sys.argv[2]))
