// The structure of a JSON file, scanned once for all formats that look at it.

import type { ByteSource } from '../files/byteSource';
import { isFailure } from '../../protocol/failure';
import type { Failure } from '../../protocol/failure';
import type { JsonDocument } from './scan';
import { looksLikeJson, scanJson } from './scan';

const scanned = new WeakMap<ByteSource, JsonDocument | Failure | null>();
const headBytes = 64;

/** Null where the file does not even begin like JSON, and what is wrong where it is none. */
export function jsonOf(source: ByteSource): JsonDocument | Failure | null {
  const known = scanned.get(source);
  if (known !== undefined) return known;
  const found = scanNow(source);
  scanned.set(source, found);
  return found;
}

function scanNow(source: ByteSource): JsonDocument | Failure | null {
  if (!looksLikeJson(Buffer.from(source.read(0, headBytes)).toString('latin1'))) return null;
  try {
    return scanJson(source);
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
}
