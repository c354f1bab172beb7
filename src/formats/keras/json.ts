// The text of a configuration, parsed once for all who look at it.

import { Failure } from '../../protocol/failure';
import type { ByteSource } from '../files/byteSource';

/** A configuration has no weights in it: the largest that are known have a few megabytes. */
export const largestConfig = 1 << 26;

interface Parsed { readonly text: string; readonly value: unknown; readonly error: string | null }

const parsed = new WeakMap<ByteSource, Parsed>();

const nothing: Parsed = { text: '', value: undefined, error: null };

/** `error` where a file begins like JSON, and is none. */
export function parseJson(source: ByteSource): Parsed {
  const known = parsed.get(source);
  if (known) return known;
  const result = parseNow(source);
  parsed.set(source, result);
  return result;
}

function parseNow(source: ByteSource): Parsed {
  const head = Buffer.from(source.read(0, 256)).toString('utf8').replace(/^\uFEFF/, '').trimStart();
  if (!/^[{[]/.test(head) || source.size > largestConfig) return nothing;
  const text = Buffer.from(source.read(0, source.size)).toString('utf8').replace(/^\uFEFF/, '');
  try {
    return { text, value: JSON.parse(text) as unknown, error: null };
  } catch (error) {
    return { ...nothing, error: error instanceof Error ? error.message : String(error) };
  }
}

export function refuseSyntax(source: ByteSource, error: string): Failure {
  return new Failure('broken-file', `${source.name} begins like JSON, and is none: ${error}. Save the model again.`);
}
