// A huge photo is made smaller before it travels, where that saves more than half. Whatever goes wrong, the file
// itself is sent: the server makes it small anyway.

const LONGEST = 2048; // pixels
const LARGE = 1024 * 1024; // bytes below which nothing is worth it
const QUALITY = 0.9;

export async function shrunk(file) {
  if (file.size < LARGE || !/^image\/(jpeg|webp)$/.test(file.type) || !globalThis.createImageBitmap) return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const small = await scaled(bitmap, Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height)));
    bitmap.close();
    return small && small.size * 2 < file.size ? small : file;
  } catch {
    return file;
  }
}

function scaled(bitmap, scale) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
}
