// The visitor's camera as a series of bitmaps, and in plain words why there is none.

const WISH = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };

const MOST_FAILED = 10; // frames in a row that cannot be read: then it is no passing trouble

/** Why there is no camera: a title and a sentence each. @type {Record<string, [string, string]>} */
const REASONS = {
  insecure: [
    "No camera at this address",
    "Browsers give a camera only to pages from https:// or from http://localhost. A photo works here too.",
  ],
  NotAllowedError: [
    "The camera is not allowed",
    "Allow it in the browser's settings for this page (often a camera beside the address), then try again. A photo works too.",
  ],
  NotFoundError: ["No camera found", "Connect one and try again, or choose a photo."],
  NotReadableError: ["The camera does not start", "Another program may be using it. Close that and try again."],
};

export class Camera {
  /** @param {HTMLVideoElement} video On the page, though nobody sees it: elsewhere an iPhone stops it. */
  constructor(video) {
    this.video = video;
    this.facing = "user";
    this.failed = 0; // frames in a row that could not be read
    this.opening = 0; // which `open` counts: the visitor may decide otherwise while the browser asks
  }

  get isOn() {
    return Boolean(this.video.srcObject);
  }

  /** Whether what it shows is to be shown as in a mirror: not the one at a phone's back. */
  get isMirror() {
    const [track] = this.tracks;
    return (track?.getSettings().facingMode ?? "user") !== "environment";
  }

  get tracks() {
    return /** @type {MediaStream | null} */ (this.video.srcObject)?.getVideoTracks() ?? [];
  }

  /**
   * Opens it, unless it is closed again meanwhile; the browser asks the visitor, who may say no.
   * @param {() => void} onEnd Is called when it is unplugged, or taken away.
   */
  async open(onEnd) {
    if (!navigator.mediaDevices?.getUserMedia) throw new CameraError("insecure");
    this.close();
    const mine = this.opening;
    try {
      const video = { ...WISH, facingMode: this.facing };
      const stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
      if (mine !== this.opening) {
        for (const track of stream.getTracks()) track.stop();
        return;
      }
      this.video.srcObject = stream;
      for (const track of this.tracks) track.addEventListener("ended", onEnd);
      await this.video.play();
    } catch (error) {
      if (mine !== this.opening) return;
      this.close();
      throw new CameraError(error.name, error.message);
    }
  }

  close() {
    this.opening++;
    this.failed = 0;
    for (const track of this.tracks) track.stop();
    this.video.srcObject = null;
  }

  /** Whether there is another one to turn to, as on a phone. */
  async hasOther() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter(({ kind }) => kind === "videoinput").length > 1;
  }

  /** The other one is asked for at the next `open`. */
  turn() {
    this.facing = this.facing === "user" ? "environment" : "user";
  }

  /** The next new frame, or null when there is none: it is closed, nobody sees the page. @returns {Promise<ImageBitmap | null>} */
  async frame() {
    await new Promise((resolve) => {
      if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(resolve);
      else requestAnimationFrame(resolve);
      setTimeout(resolve, 500); // one that has stopped
    });
    const isWanted = this.isOn && this.video.videoWidth && !document.hidden;
    if (!isWanted) return null;
    try {
      const bitmap = await createImageBitmap(this.video);
      this.failed = 0;
      return bitmap;
    } catch (error) {
      if (!this.isOn || ++this.failed < MOST_FAILED) return null;
      throw error;
    }
  }
}

export class CameraError extends Error {
  constructor(/** @type {string} */ name, message = "") {
    const [title, text] = REASONS[name] ?? ["The camera does not start", `The browser says: ${message || name}.`];
    super(text);
    this.title = title;
  }
}
