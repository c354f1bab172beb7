import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** The first of the programs that the PATH has. */
export function findOnPath(names) {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  return names.flatMap((name) => folders.flatMap((folder) => endings.map((ending) => path.join(folder, name + ending)))).find(isExecutable);
}

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
