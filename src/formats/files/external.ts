// Files beside a model that hold its values: looked for where the model says, and nowhere outside its folder.

import { existsSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';

import { say } from '../../protocol/words';
import type { ByteSource } from './byteSource';
import { openFile, resolveLinks } from './byteSource';

const lfsHead = 'version https://git-lfs';

/** Such a pointer is a text of a hundred-odd bytes (Git LFS specification). */
export function isLfsPointer(file: string): boolean {
  const source = openFile(file);
  try {
    return Buffer.from(source.read(0, lfsHead.length)).toString('latin1') === lfsHead;
  } finally {
    source.close();
  }
}

interface ExternalFile { readonly file: string; readonly size: number }

/** Looked for once per model, however many tensors are in it: thousands of them would ask the disk five times each. */
const externalFiles = new WeakMap<ByteSource, Map<string, ExternalFile | string>>();

/** The file that values are in, or what is wrong with it. */
export function externalFile(source: ByteSource, location: string): ExternalFile | string {
  const known = externalFiles.get(source) ?? new Map<string, ExternalFile | string>();
  externalFiles.set(source, known);
  const found = known.get(location) ?? findExternal(source, location);
  known.set(location, found);
  return found;
}

const missing = (location: string): string => say('its values are in {0}, which is not beside the model', location);

/** Whether the file with the values is gone, and nothing else is wrong. */
export const isMissing = (problem: string, location: string): boolean => problem === missing(location);

/** External data has to stay in the model's folder, also through symbolic links (ONNX external data specification). */
function findExternal({ name, folder }: ByteSource, location: string): ExternalFile | string {
  if (folder === null) return say('its values are in {0}, and other files are not followed here', location);
  if (location === '') return say('its external data names no file');
  const outside = say('its external data is at "{0}", which leaves the model\'s folder', location);
  if (isAbsolute(location) || /^[a-z]:/i.test(location) || location.split(/[\\/]/).includes('..')) return outside;
  const file = resolve(folder, location);
  if (!existsSync(file)) return missing(location);
  const real = realpathSync(file);
  const inside = relative(realpathSync(folder), real);
  if (inside === '' || inside.startsWith(`..${sep}`) || inside === '..' || isAbsolute(inside)) return outside;
  if (real === resolveLinks(name)) return say('its external data is the model file itself');
  const status = statSync(file);
  // One file by one name, whatever links lead to it: a save writes each once.
  return status.isFile() ? { file: resolve(folder, inside), size: status.size } : say('its values are in {0}, which is not a file', location);
}
