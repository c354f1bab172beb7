import { statSync } from 'node:fs';

/** What changes when somebody else writes the file. */
export interface FileStamp {
  readonly size: number;
  readonly mtimeMs: number;
}

export function stampOf(path: string): FileStamp {
  const { size, mtimeMs } = statSync(path);
  return { size, mtimeMs };
}

/** Null where there is no such file any more. */
export function stampIfThere(path: string): FileStamp | null {
  const status = statSync(path, { throwIfNoEntry: false });
  return status ? { size: status.size, mtimeMs: status.mtimeMs } : null;
}

export const isSameStamp = (a: FileStamp | null, b: FileStamp | null): boolean => a?.size === b?.size && a?.mtimeMs === b?.mtimeMs;
