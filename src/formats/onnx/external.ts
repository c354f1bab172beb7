import { existsSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';

import { bytesPerElement, dtypeOf, elementCount } from '../../core/graph/dtype';
import type { ExternalReference } from '../../core/graph/graph';
import type { ByteSource } from '../files/byteSource';
import { openFile, resolveLinks } from '../files/byteSource';
import type { EntryProto, ModelProto, Schema, TensorProto } from './schema';
import { externalLocation, modelSchema, tensorSchema } from './schema';

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

const missing = 'which is not beside the model';

/** Whether the file with the values is gone, and nothing else is wrong. */
export const isMissing = (problem: string): boolean => problem.endsWith(missing);

/** External data has to stay in the model's folder, also through symbolic links (ONNX external data specification). */
function findExternal({ name, folder }: ByteSource, location: string): ExternalFile | string {
  if (folder === null) return `its values are in ${location}, and other files are not followed here`;
  if (location === '') return 'its external data names no file';
  const outside = `its external data is at "${location}", which leaves the model's folder`;
  if (isAbsolute(location) || /^[a-z]:/i.test(location) || location.split(/[\\/]/).includes('..')) return outside;
  const file = resolve(folder, location);
  if (!existsSync(file)) return `its values are in ${location}, ${missing}`;
  const real = realpathSync(file);
  const inside = relative(realpathSync(folder), real);
  if (inside === '' || inside.startsWith(`..${sep}`) || inside === '..' || isAbsolute(inside)) return outside;
  if (real === resolveLinks(name)) return 'its external data is the model file itself';
  const status = statSync(file);
  // One file by one name, whatever links lead to it: a save writes each once.
  return status.isFile() ? { file: resolve(folder, inside), size: status.size } : `its values are in ${location}, which is not a file`;
}

/**
 * Every place where a model names another file that is there: by the table of its messages, so that it does not matter what a tensor is
 * for, or whether anything reads it.
 */
export function externalReferences(source: ByteSource, model: ModelProto): readonly ExternalReference[] {
  const found: ExternalReference[] = [];
  for (const { dataLocation, externalData = [], extent, ...proto } of tensorProtosIn(modelSchema, model)) {
    // Of entries with the same key the last one holds.
    const entry = dataLocation === externalLocation ? externalData.findLast(({ key }) => key === 'location') : undefined;
    if (!entry?.extent || !extent) continue;
    const location = entry.value ?? '';
    const there = externalFile(source, location);
    if (typeof there === 'string') continue;
    const tensor = { name: proto.name ?? '', start: extent.start };
    found.push({ file: there.file, location, entry: entry.extent, tensor, ...rangeOf(externalData, proto) });
  }
  return found;
}

function rangeOf(entries: readonly EntryProto[], { dims = [], dataType = 0 }: TensorProto): { readonly offset: number; readonly length: number } {
  const { offset, length } = externalPlace(entries, Math.ceil(elementCount(dims) * bytesPerElement(dtypeOf(dataType))));
  const isPossible = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length > 0;
  return isPossible ? { offset, length } : { offset: 0, length: 0 };
}

/** Where values are in their file: what is left out is the beginning, and the length that they need. */
export function externalPlace(entries: readonly EntryProto[], needed: number): { readonly offset: number; readonly length: number } {
  const given = new Map(entries.map((entry) => [entry.key ?? '', entry.value ?? '']));
  return { offset: Number(given.get('offset') ?? 0), length: Number(given.get('length') ?? needed) };
}

function* tensorProtosIn(schema: Schema<unknown>, message: object): Generator<TensorProto> {
  if (schema === tensorSchema) yield message;
  else for (const { name, type } of schema.fields.values()) {
    if (typeof type !== 'function') continue;
    const value: unknown = Reflect.get(message, name);
    const messages: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const inner of messages) if (typeof inner === 'object' && inner !== null) yield* tensorProtosIn(type(), inner);
  }
}
