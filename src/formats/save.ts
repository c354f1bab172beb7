import { mkdir, open } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

import { readRecord, recordKey, writeRecord } from '../core/edits/record';
import type { Tensor } from '../core/graph/tensor';
import type { RestoredPayload } from '../protocol/engine';
import type { Recipe } from '../protocol/recipe';
import type { Cancellation } from '../protocol/rpc';
import { Failure } from '../protocol/failure';
import { openFile } from './byteSource';
import { drawnBytes } from './content';
import type { OpenedModel } from './openModel';
import { externalFiles, stampIfThere } from './openModel';
import { encodeRecord, locateRecord } from './onnx/record';
import type { FilePatch, PayloadWrite } from './patch';
import { patchFiles } from './patch';

/** What a tensor is to hold: values drawn from a recipe, or payload kept outside the file. */
export type NewContent = { readonly kind: 'recipe'; readonly recipe: Recipe } | { readonly kind: 'payload'; readonly payload: RestoredPayload };

export interface SaveRequest {
  readonly opened: OpenedModel;
  readonly target: string;
  readonly contents: ReadonlyMap<string, NewContent>;
  /** Whether the recipes are recorded in the file. */
  readonly record: boolean;
  /** Called with the fraction done. */
  readonly progress?: (fraction: number) => void;
  readonly cancellation?: Cancellation;
}

const copyChunk = 1 << 20;

/** Writes the contents into the model file (and its external data), leaving every other byte as it is. */
export async function saveModel(request: SaveRequest): Promise<void> {
  const { opened, target } = request;
  const source = opened.model.file;
  refuseChanged(opened);
  const inPlace = resolve(target) === resolve(source);
  const writes = payloadWrites(request);
  const total = writes.reduce((sum, write) => sum + write.place.length, 0);
  let before = 0;
  const files = new Set(writes.map((write) => write.place.file));
  if (!inPlace) for (const file of externalFiles(opened.model)) files.add(file);
  files.delete(source);
  const patches: FilePatch[] = [];
  for (const file of [...files, source]) {
    const own = writes.filter((write) => write.place.file === file);
    const there = file === source ? target : inPlace ? file : externalTarget(source, target, file);
    const record = file === source ? recordChange(request) : { remove: null, append: null };
    patches.push({ source: file, target: there, writes: own, ...record, ...report(request, total, before) });
    before += own.reduce((sum, write) => sum + write.place.length, 0);
  }
  await patchFiles(patches);
}

function report({ progress, cancellation }: SaveRequest, total: number, before: number): { progress?: (bytes: number) => void; cancellation?: Cancellation } {
  return {
    ...(progress ? { progress: (bytes: number) => progress(Math.min(1, (before + bytes) / Math.max(1, total))) } : {}),
    ...(cancellation ? { cancellation } : {}),
  };
}

function refuseChanged({ model, stamp, externalStamps }: OpenedModel): void {
  for (const [file, then] of [[model.file, stamp] as const, ...externalStamps]) {
    const now = stampIfThere(file);
    if (now?.size === then.size && now.mtimeMs === then.mtimeMs) continue;
    throw new Failure('changed-on-disk', `${file} was changed by another program since it was read, and was not saved. Revert to read it again.`);
  }
}

function payloadWrites({ opened, contents }: SaveRequest): readonly PayloadWrite[] {
  const tensors = tensorsById(opened);
  return [...contents].map(([tensorId, content]) => {
    const tensor = tensors.get(tensorId);
    if (!tensor?.place) throw new Failure('unsupported', `${tensorId} cannot be written: its place in ${opened.model.file} is not known.`);
    const chunks = content.kind === 'recipe' ? () => drawnBytes(content.recipe, tensor) : () => keptBytes(content.payload);
    return { tensorId, dtype: tensor.dtype, place: tensor.place, form: content.kind === 'recipe' ? 'elements' : 'stored', chunks };
  });
}

export function tensorsById(opened: OpenedModel): ReadonlyMap<string, Tensor> {
  return new Map(opened.layers.flatMap((layer) => layer.weights.map((weight) => [weight.id, weight.tensor] as const)));
}

function* keptBytes(payload: RestoredPayload): Generator<Uint8Array> {
  const source = openFile(payload.file);
  try {
    for (let at = 0; at < payload.length; at += copyChunk) yield source.read(payload.offset + at, Math.min(copyChunk, payload.length - at));
  } finally {
    source.close();
  }
}

/** The record of all recipes the file will hold: its earlier ones but for tensors that are written now, and the new ones. */
function recordChange(request: SaveRequest): { readonly remove: { start: number; end: number } | null; readonly append: Uint8Array | null } {
  const { opened, contents, record } = request;
  const source = openFile(opened.model.file);
  try {
    const remove = locateRecord(source);
    const kept = readRecord(opened.model.metadata.get(recordKey)).filter((recipe) => !contents.has(recipe.tensorId));
    const added = [...contents.values()].flatMap((content) => (content.kind === 'recipe' ? [content.recipe] : []));
    const recipes = [...kept, ...added];
    return { remove, append: record && recipes.length > 0 ? encodeRecord(writeRecord(recipes)) : null };
  } finally {
    source.close();
  }
}

/** External data keeps its relative name, so it can only be copied to another folder. */
function externalTarget(source: string, target: string, file: string): string {
  const location = relative(dirname(source), file);
  const there = join(dirname(target), location);
  if (resolve(there) === resolve(file)) {
    throw new Failure('unsupported', `${target} would share ${location} with ${source}: save it in another folder, or in place.`);
  }
  return there;
}

/** Copies the payloads of tensors to a file of their own before they are overwritten for the first time, so that undo can bring them back. */
export async function keepPayloads(opened: OpenedModel, ids: Iterable<string>, keepFile: string): Promise<readonly RestoredPayload[]> {
  const tensors = tensorsById(opened);
  await mkdir(dirname(keepFile), { recursive: true });
  const handle = await open(keepFile, 'a');
  try {
    let offset = (await handle.stat()).size;
    const kept: RestoredPayload[] = [];
    for (const tensorId of ids) {
      const place = tensors.get(tensorId)?.place;
      if (!place) continue;
      const source = openFile(place.file);
      for (let at = 0; at < place.length; at += copyChunk) {
        const bytes = source.read(place.offset + at, Math.min(copyChunk, place.length - at));
        await handle.write(bytes, 0, bytes.length);
      }
      source.close();
      kept.push({ tensorId, file: keepFile, offset, length: place.length });
      offset += place.length;
    }
    await handle.sync();
    return kept;
  } finally {
    await handle.close();
  }
}
