"""A camera server on loopback, as IP cameras and mjpg-streamer are: MJPEG over HTTP.

A process of its own, so that a test can stop (SIGSTOP), kill and start it again:
`python tests/support/mjpeg_server.py PORT FPS VIDEO` plays it in a loop to everybody who asks.
"""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2


def jpegs(path: str) -> list[bytes]:
    """The frames of a video, each as a JPEG file."""
    video = cv2.VideoCapture(path)
    frames = []
    while (read := video.read())[0]:
        frames.append(cv2.imencode(".jpg", read[1])[1].tobytes())
    return frames


def serve(port: int, fps: float, path: str) -> None:
    """Serves until the process is killed."""
    pictures = jpegs(path)
    began_s = time.monotonic()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            try:
                while True:
                    number = int((time.monotonic() - began_s) * fps)
                    jpeg = pictures[number % len(pictures)]
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}"
                    self.wfile.write(f"{head}\r\n\r\n".encode() + jpeg + b"\r\n")
                    time.sleep(max(0.0, began_s + (number + 1) / fps - time.monotonic()))
            except OSError:  # the viewer went away
                pass

    ThreadingHTTPServer.allow_reuse_address = True
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), float(sys.argv[2]), sys.argv[3])
