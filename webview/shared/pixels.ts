/** Pictures as they come in messages. Pure. */

/** Grey or colour values 0 … 255, channels interleaved. */
export function paintPicture(pixels: Uint8Array, width: number, height: number, channels: number): ImageData {
  const image = new ImageData(width, height);
  for (let index = 0; index < width * height; index++) {
    for (let channel = 0; channel < 3; channel++) {
      image.data[index * 4 + channel] = pixels[index * channels + (channels >= 3 ? channel : 0)] ?? 0;
    }
    image.data[index * 4 + 3] = 255;
  }
  return image;
}

export function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

export function encodeBase64(bytes: Uint8Array): string {
  let text = '';
  // As many arguments as every engine takes at once.
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}
