// A folder of images: a folder for each label, in it PNG or JPEG files, all brought to one size.

import { readFileSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { extname, join, sep } from 'node:path';

import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';

import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import { reasonOf } from '../files/byteSource';

export interface ImageSize {
  readonly height: number;
  readonly width: number;
  /** 1 is grey, 3 red, green and blue, 4 with opacity. */
  readonly channels: number;
}

export interface LabelledFolder {
  /** [count, channels, height, width], in [0, 1]. */
  readonly data: Float32Array;
  readonly count: number;
  readonly labels: Int32Array;
  /** Names of the folders in the order of their labels. */
  readonly names: readonly string[];
}

const extensions = new Set(['.png', '.jpg', '.jpeg']);
/** Bounds of what is read: first steps need no more. */
const mostImages = 20_000;
const largestFile = 64e6;
const largestMegapixels = 64;

export function readImages(folder: string, size: ImageSize): LabelledFolder {
  // In the order of their characters, 10 before 2, as torchvision's ImageFolder counts them.
  const names = entries(folder).filter((name) => !isHidden(name) && isWithin(folder, name) && statSync(join(folder, name)).isDirectory()).sort();
  const files = names.flatMap((name, label) => (
    entries(join(folder, name)).filter((file) => !isHidden(file) && extensions.has(extname(file).toLowerCase()) && isWithin(folder, join(name, file))).sort()
      .map((file) => ({ path: join(folder, name, file), label }))));
  if (files.length === 0) {
    throw new Failure('invalid-input', say('{0} has no images: a folder for each label is expected in it, with .png or .jpg files.', folder));
  }
  if (files.length > mostImages) throw new Failure('invalid-input', say('{0} has {1} images; give {2} at most.', folder, files.length, mostImages));
  const length = size.channels * size.height * size.width;
  const data = new Float32Array(files.length * length);
  files.forEach(({ path }, i) => { fit(decodeImage(path), size, data.subarray(i * length, (i + 1) * length)); });
  return { data, count: files.length, labels: Int32Array.from(files, ({ label }) => label), names };
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new Failure('unreadable-file', say('{0} cannot be read: {1}.', folder, reasonOf(error)));
  }
}

/** What editors, systems and archivers leave behind, such as .ipynb_checkpoints and ._1.png: no label, and no image. */
const isHidden = (name: string): boolean => name.startsWith('.') || name === '__MACOSX';

/** A link may not lead out of the folder that was given. */
function isWithin(folder: string, name: string): boolean {
  try {
    return realpathSync(join(folder, name)).startsWith(realpathSync(folder) + sep);
  } catch {
    return false;
  }
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity of each pixel. */
  readonly data: Uint8Array;
}

/** PNG specification, section 5.2. The first bytes of a file say what it is; its name may say something else. */
const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function decodeImage(path: string): Pixels {
  const { size } = statSync(path);
  if (size > largestFile) {
    throw new Failure('invalid-input', say('{0} has {1} MB; {2} are read at most.', path, (size / 1e6).toFixed(0), largestFile / 1e6));
  }
  const bytes = readFileSync(path);
  try {
    if (!bytes.subarray(0, signature.length).equals(signature)) {
      return jpeg.decode(bytes, { useTArray: true, maxResolutionInMP: largestMegapixels, maxMemoryUsageInMB: 1024 });
    }
    // The header's width and height (PNG specification, 11.2.1) before anything is unpacked.
    const [width, height] = bytes.length < 24 ? [0, 0] : [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
    if (width * height > largestMegapixels * 1e6) throw new Error(say('it says of itself that it has {0} × {1} pixels', width, height));
    return PNG.sync.read(bytes);
  } catch (error) {
    throw new Failure('invalid-input', say('{0} cannot be read as an image: {1}.', path, reasonOf(error)));
  }
}

/** The mean of the pixels that fall on each; the nearest where none does. */
function fit({ width, height, data }: Pixels, size: ImageSize, out: Float32Array): void {
  const plane = size.height * size.width;
  for (let y = 0; y < size.height; y++) {
    const [top, bottom] = span(y, size.height, height);
    for (let x = 0; x < size.width; x++) {
      const [left, right] = span(x, size.width, width);
      const sums = [0, 0, 0, 0];
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          for (let k = 0; k < 4; k++) sums[k] = (sums[k] ?? 0) + (data[4 * (row * width + column) + k] ?? 0);
        }
      }
      const [red = 0, green = 0, blue = 0, opacity = 0] = sums.map((sum) => sum / (255 * (bottom - top) * (right - left)));
      // Luma (Rec. ITU-R BT.601, section 2.5.1).
      const values = size.channels === 1 ? [0.299 * red + 0.587 * green + 0.114 * blue] : [red, green, blue, opacity];
      values.slice(0, size.channels).forEach((value, k) => { out[k * plane + y * size.width + x] = value; });
    }
  }
}

function span(at: number, length: number, of: number): readonly [number, number] {
  const first = Math.min(of - 1, Math.floor((at * of) / length));
  return [first, Math.max(first + 1, Math.floor(((at + 1) * of) / length))];
}
