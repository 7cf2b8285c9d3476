// A photo that the visitor has chosen, dropped or pasted.

const MOST_PIXELS = 16e6; // more than that no canvas of a phone holds

/**
 * The picture in a file, upright, in its own colours; made smaller where it has more than MOST_PIXELS.
 * @param {Blob} file
 * @returns {Promise<ImageBitmap>}
 */
export async function readPhoto(file) {
  // As on the device: the pixels as they are stored, whatever profile is with them.
  /** @type {ImageBitmapOptions} */
  const plain = { colorSpaceConversion: "none", premultiplyAlpha: "none" };
  const bitmap = await createImageBitmap(file, plain);
  const scale = Math.sqrt(MOST_PIXELS / (bitmap.width * bitmap.height));
  if (scale >= 1) return bitmap;
  const resizeWidth = Math.floor(bitmap.width * scale);
  try {
    return await createImageBitmap(bitmap, { resizeWidth, resizeQuality: "high" });
  } finally {
    bitmap.close();
  }
}

/** The first file that is dropped or pasted, or null. @returns {File | null} */
export function fileOf(/** @type {DataTransfer | null} */ transfer) {
  return transfer?.files[0] ?? null;
}
