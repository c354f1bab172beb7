// The figure in pixels: as the browser draws its SVG, twice as fine.

import { say } from '../../../src/protocol/words';
import { figureSize } from './frame';

const fineness = 2;

export async function toPng(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = fineness * figureSize.width;
  canvas.height = fineness * figureSize.height;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new Error(say('the browser has made no picture of it')));
    }, 'image/png');
  });
}

/** For messages, which are text. */
export async function toBase64(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let characters = '';
  for (const byte of bytes) characters += String.fromCharCode(byte);
  return btoa(characters);
}
