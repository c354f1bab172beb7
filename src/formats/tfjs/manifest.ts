// Where the weights of a TensorFlow.js model are: one stream of bytes over the shards of each group (tfjs-core/src/io/types.ts, WeightsManifestConfig).

import { bytesPerElement, elementCount, highestRank } from '../../core/graph/dtype';
import type { DType } from '../../core/graph/dtype';
import type { ExternalReference } from '../../core/graph/graph';
import { shortened } from '../../core/graph/names';
import type { TensorPlace } from '../../core/graph/tensor';
import type { Diagnostic } from '../../protocol/report';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import { externalFile, isLfsPointer } from '../files/external';
import type { JsonView } from '../json/view';

/** Of values q · scale + min. */
export interface AffineQuantization { readonly scale: number; readonly min: number }

export interface StoredWeight {
  readonly name: string;
  readonly shape: readonly number[];
  /** As it is stored. */
  readonly dtype: DType;
  readonly quantization: AffineQuantization | null;
  readonly place: TensorPlace | null;
  readonly problem: string | null;
}

export interface Manifest {
  readonly weights: readonly StoredWeight[];
  readonly external: readonly ExternalReference[];
  readonly findings: readonly Diagnostic[];
}

interface Shard { readonly path: string; readonly file: string; readonly start: number; readonly size: number }

/** Shards or weights above that number are in no manifest: four megabytes each is what converters write. */
const mostEntries = 1 << 16;

export function readManifest(source: ByteSource, manifest: JsonView): Manifest {
  const groups = manifest.items().map((group) => readGroup(source, group));
  return {
    weights: groups.flatMap(({ weights }) => weights), external: groups.flatMap(({ external }) => external), findings: groups.flatMap(({ findings }) =>
      findings),
  };
}

function readGroup(source: ByteSource, group: JsonView): Manifest {
  const external: ExternalReference[] = [];
  const shards: Shard[] = [];
  let size = 0;
  let problem: string | null = null;
  for (const path of limited(group.get('paths'))) {
    const location = path.text();
    const found = externalFile(source, location);
    if (typeof found === 'string') {
      problem ??= found;
      continue;
    }
    const { start, end } = path.value;
    external.push({ file: found.file, location, entry: { start, end }, tensor: { name: location, start }, offset: 0, length: found.size });
    if (isLfsPointer(found.file)) problem ??= say('{0} is a Git LFS pointer: fetch it with "git lfs pull"', location);
    shards.push({ path: location, file: found.file, start: size, size: found.size });
    size += found.size;
  }
  const entries = limited(group.get('weights')).map(readEntry);
  // Behind what has no known length nobody knows where anything is.
  let at = 0;
  let behind = '';
  const weights = entries.map(({ weight, length, isOfTexts }): StoredWeight => {
    const start = Number.isNaN(at) ? null : at;
    if (start !== null && length === null) behind = isOfTexts ? behindTexts : placeless(weight);
    at += length ?? NaN;
    if (weight.problem !== null) return weight;
    if (problem !== null || start === null || length === null) return { ...weight, problem: problem ?? behind };
    if (start + length > size) {
      const last = shards.at(-1);
      return { ...weight,
        problem: say('the shards of its group, the last of which is {0}, have {1} bytes, but its values end at {2}', last?.path ?? say('missing'), size,
          start + length) };
    }
    return { ...weight, place: placeIn(shards, start, length) };
  });
  const surplus = problem === null && size > at ? size - at : 0;
  return { weights, external, findings: surplus > 0 ? [longer(shards.at(-1)?.path ?? '', surplus)] : [] };
}

const behindTexts = say('it stands behind texts, whose lengths are not known');
const placeless = ({ name, problem }: StoredWeight): string => (
  say('its place in the shards is not known, because it stands behind {0}: {1}', shortened(name), problem ?? ''));

function limited(list: JsonView): readonly JsonView[] {
  const items = list.items();
  if (items.length > mostEntries) throw list.wrong(say('a list of at most {0}', mostEntries));
  return items;
}

function longer(path: string, bytes: number): Diagnostic {
  return {
    severity: 'warning', code: 'unused-bytes', layer: null,
      message: say('{0} holds {1} bytes more than the manifest has weights for: it may belong to another model.', path, bytes),
    remedy: say('Save the model again.'),
  };
}

/** Types that TensorFlow.js stores, complex numbers and texts aside. */
const types: Readonly<Record<string, DType>> = { float32: 'float32', int32: 'int32', bool: 'bool', float16: 'float16', uint8: 'uint8', uint16: 'uint16' };

interface Entry {
  readonly weight: StoredWeight;
  /** In bytes; null where nobody knows. */
  readonly length: number | null;
  readonly isOfTexts: boolean;
}

function readEntry(entry: JsonView): Entry {
  const name = entry.get('name').text();
  const written = entry.get('dtype').text();
  const shape = entry.get('shape').items().map((size) => size.whole());
  const quantization = entry.find('quantization');
  const stored = quantization?.get('dtype').text() ?? written;
  const base = { name, shape, dtype: types[stored] ?? 'undefined', quantization: null, place: null } as const;
  if (shape.length > highestRank || !Number.isSafeInteger(elementCount(shape))) {
    return { weight: { ...base, problem: say('its shape is not possible') }, length: null, isOfTexts: false };
  }
  const type = types[stored];
  if (type === undefined) {
    const length = written === 'complex64' ? 8 * elementCount(shape) : null;
    const isKnown = stored === 'string' || stored === 'complex64';
    const problem = isKnown ? say('its element type is {0}', stored)
      : say('its type in the manifest is {0}, which is none of TensorFlow.js', shortened(stored));
    return { weight: { ...base, problem }, length, isOfTexts: stored === 'string' };
  }
  const isAffine = quantization !== null && stored !== 'float16';
  const affine = isAffine ? { scale: quantization.get('scale').number(), min: quantization.get('min').number() } : null;
  return { weight: { ...base, quantization: affine, problem: null }, length: elementCount(shape) * bytesPerElement(type), isOfTexts: false };
}

/** The pieces of a stretch of the stream, one in each shard that it reaches into. */
function placeIn(shards: readonly Shard[], start: number, length: number): TensorPlace | null {
  const pieces = shards.flatMap(({ file, start: first, size }): readonly TensorPlace[] => {
    const [from, to] = [Math.max(start, first), Math.min(start + length, first + size)];
    return to > from ? [{ file, offset: from - first, length: to - from, encoding: 'contiguous' }] : [];
  });
  const [first, ...further] = pieces;
  return first ? (further.length > 0 ? { ...first, further } : first) : null;
}
