// The pixels of a bitmap, as only a canvas gives them.

const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext("2d", { willReadFrequently: true });

/** @returns {import("./pixels.js").Pixels} */
export function pixelsOf(/** @type {ImageBitmap} */ bitmap) {
  const { width, height } = bitmap;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  context.fillStyle = "#fff"; // what is transparent is white, as on the device
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  return { data: context.getImageData(0, 0, width, height).data, width, height, channels: 4 };
}
