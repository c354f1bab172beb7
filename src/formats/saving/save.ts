import { statSync } from 'node:fs';
import { mkdir, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

import { readRecord, recordKey, writeRecord } from '../../core/edits/record';
import type { Tensor } from '../../core/graph/tensor';
import type { RestoredPayload } from '../../protocol/engine';
import type { Recipe } from '../../protocol/recipe';
import type { Cancellation } from '../../protocol/rpc';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import { besideOf, createSuffix } from '../files/unfinished';
import type { ByteSource } from '../files/byteSource';
import { openFile, reasonOf, resolveLinks } from '../files/byteSource';
import { ChunkRoom, drawnBytes } from '../tensors/content';
import { clearAbandoned } from '../files/interrupted';
import type { ReadyFile } from '../files/journal';
import { PartlyReplaced, journalFor, replaceTogether } from '../files/journal';
import type { Locks } from '../files/lock';
import { lockFiles } from '../files/lock';
import type { OpenedModel } from '../openModel';
import { externalFiles, tensorsById } from '../openModel';
import { concat } from '../onnx/messages';
import { neededBy, refuseOutput } from '../files/outputs';
import type { FilePatch } from '../files/patch';
import { patchedSize, writePatched } from '../files/patch';
import { declareIn } from './declared';
import { externalTargets } from './relocate';
import type { PlacedReplacement, Replacement } from '../files/replacement';
import { inOrder } from '../files/replacement';
import { isSameStamp, stampIfThere } from '../files/stamp';
import { drawnOnce, mergedFamilies, writeMerged } from './splitMerged';
import { largestMessage, writeElements, writeField, writeStored } from './tensorWrite';
import { bytesOf } from './undoBase';

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
  /** Called with what could not be written, a sentence each. */
  readonly told?: (left: string) => void;
  readonly cancellation?: Cancellation;
}

/**
 * Writes the contents into the model file (and its external data), leaving every other byte as it is. Everything is written beside the
 * targets first, and takes their place when all of it is on the disk. Nobody else of us writes any of these files in the meantime.
 */
export async function saveModel(request: SaveRequest): Promise<void> {
  const { opened: { model }, target, cancellation } = request;
  const isInPlace = resolveLinks(target) === resolveLinks(model.file);
  if (!isInPlace) refuseOutput(target, neededBy(model));
  const moved = isInPlace ? new Map<string, string>() : externalTargets(model, target);
  const files = [target, ...(isInPlace ? externalFiles(model) : moved.values())];
  const journal = journalFor(target, files);
  let locks: Locks;
  try {
    // External data may be in a folder below the model's.
    for (const file of moved.values()) await mkdir(dirname(file), { recursive: true });
    locks = await lockFiles(files, journal, clearAbandoned, cancellation);
  } catch (error) {
    throw notSaved(target, error, true);
  }
  try {
    await writeLocked(request, { isInPlace, moved, files, journal, locks });
  } catch (error) {
    if (!(error instanceof PartlyReplaced)) {
      locks.release();
      throw error;
    }
    locks.abandon();
    const what = say('{0} was only saved in part: {1}. The rest is completed when it is opened again.', target, reasonOf(error.cause));
    throw new Failure('write-failed', what, String(error.cause));
  }
  locks.release();
}

interface Plan {
  readonly isInPlace: boolean;
  /** Where the external data of a copy goes. */
  readonly moved: ReadonlyMap<string, string>;
  /** That may be written: the model, and its external data. */
  readonly files: readonly string[];
  readonly journal: string;
  readonly locks: Locks;
}

async function writeLocked(request: SaveRequest, plan: Plan): Promise<void> {
  const { opened, target, cancellation } = request;
  const { files, moved, journal, locks } = plan;
  refuseChanged(opened);
  const isElsewhere = [...externalTargets(opened.model, target)].some(([file, there]) => moved.get(file) !== there);
  if (!plan.isInPlace && isElsewhere) {
    throw new Failure('busy', say('Another process has written beside {0}, so nothing was written. Try again.', target));
  }
  const before = files.map(stampIfThere);
  const ready: BesideFile[] = [];
  let current = target;
  try {
    await writeBeside(request, plan, ready, (file) => {
      current = file;
    });
    current = target;
    if (cancellation?.cancelled) throw new Failure('cancelled', 'Cancelled.');
    refuseChanged(opened);
    if (!locks.hold()) throw new Failure('busy', say('{0} was not saved, because another process has begun to save it. Try again when that is done.', target));
    await replaceTogether(journal, ready);
  } catch (error) {
    if (error instanceof PartlyReplaced) throw error;
    for (const { beside } of ready) await unlink(beside).catch(() => undefined);
    throw notSaved(current, error, files.every((file, i) => isSameStamp(stampIfThere(file), before[i] ?? null)));
  }
}

type BesideFile = ReadyFile & { readonly beside: string };

/** Writes what the files will be, beside each; `ready` is told of every one that has been begun. */
async function writeBeside(request: SaveRequest, plan: Plan, ready: BesideFile[], begins: (file: string) => void): Promise<void> {
  // What is around the new bytes may be worked out as late as it is written; before the file is replaced nobody may have it open.
  const source = openFile(request.opened.model.file);
  try {
    const patches = planPatches(request, plan, source);
    for (const patch of patches) await refuseReadOnly(patch.target);
    for (const patch of withProgress(patches, request)) {
      begins(patch.target);
      const suffix = createSuffix();
      const beside = besideOf(patch.target, suffix);
      ready.push({ target: patch.target, suffix, beside });
      await writePatched(patch, beside);
    }
  } finally {
    source.close();
  }
}

function notSaved(file: string, error: unknown, isAsBefore: boolean): Failure {
  if (error instanceof Failure) return error;
  const what = isAsBefore ? say('{0} was not saved: {1}. The file is as it was.', file, reasonOf(error))
    : say('{0} was not saved: {1}. Another program has changed it in the meantime.', file, reasonOf(error));
  return new Failure('write-failed', what, String(error));
}

/** The files to be written, the model last. */
function planPatches(request: SaveRequest, { isInPlace, moved }: Plan, source: ByteSource): readonly FilePatch[] {
  const { opened, target } = request;
  const { model, format } = opened;
  const tensors = tensorsById(opened);
  const room = new ChunkRoom();
  const written = [
    ...[...request.contents].flatMap(([id, content]) => (tensors.get(id)?.merged || tensors.get(id)?.declared ? [] : replacementsFor(source, tensors.get(id),
      id, content, room))),
    ...mergedReplacements(source, request), ...declaredReplacements(source, request),
  ];
  const inside = written.flatMap(({ file, replacement }) => (file === model.file ? [replacement] : []));
  const { replacements: recorded, append, left } = format.recorded(source, recordText(request));
  if (left !== undefined) request.told?.(left);
  const changed = inOrder([...inside, ...format.relocated(source, model, target, moved, inside), ...recorded], model.file);
  const replacements = format.completed(source, changed);
  refuseTooLarge(source, { replacements, append });
  const others = new Map<string, Replacement[]>([...moved.keys()].map((file) => [file, []]));
  for (const { file, replacement } of written) if (file !== model.file) others.set(file, [...others.get(file) ?? [], replacement]);
  return [
    ...[...others].map(([file, each]): FilePatch => ({ source: file, target: moved.get(file) ?? file, replacements: inOrder(each, file), append: null })),
    { source: model.file, target: isInPlace ? model.file : target, replacements, append },
  ].filter((patch) => patch.target !== patch.source || patch.replacements.length > 0 || patch.append);
}

function declaredReplacements(source: ByteSource, { opened, contents }: SaveRequest): readonly PlacedReplacement[] {
  const recipes = [...contents.values()].flatMap((content) => (content.kind === 'recipe' ? [content.recipe] : []));
  const { replacements, left } = declareIn(source, opened, recipes);
  for (const [id, reason] of left) throw new Failure('unsupported', say('{0} cannot be written: {1}.', id, reason));
  return replacements.map((replacement) => ({ file: source.name, replacement }));
}

function mergedReplacements(source: ByteSource, { opened, contents }: SaveRequest): readonly PlacedReplacement[] {
  const contentOf = (tensor: Tensor): Uint8Array | null => {
    const content = contents.get(tensor.id);
    if (content?.kind !== 'payload') return drawnOnce(content?.recipe, tensor);
    const { file, offset, length } = content.payload;
    const kept = concat([...bytesOf(file, offset, length, new Uint8Array(length))]);
    return tensor.place?.encoding === 'base64' ? new Uint8Array(Buffer.from(Buffer.from(kept).toString('latin1'), 'base64')) : kept;
  };
  const touched = [...mergedFamilies(opened).values()].filter((family) => family.some(({ tensor }) => contents.has(tensor.id)));
  return touched.flatMap((family) => writeMerged(source, opened, family, contentOf));
}

function replacementsFor(
  source: ByteSource, tensor: Tensor | undefined, id: string, content: NewContent, room: ChunkRoom,
): readonly PlacedReplacement[] {
  if (!tensor) throw new Failure('unsupported', say('{0} cannot be written: its place in {1} is not known.', id, source.name));
  return [tensor, ...tensor.copies ?? []].flatMap((each) => replacementsAt(source, each, id, content, room));
}

function replacementsAt(source: ByteSource, tensor: Tensor, id: string, content: NewContent, room: ChunkRoom): readonly PlacedReplacement[] {
  if (content.kind === 'recipe') return writeElements(source, tensor, () => drawnBytes(content.recipe, tensor, room));
  const { file, field, offset, length } = content.payload;
  if (field && tensor.home) {
    const replacement = writeField(tensor.home, field, id, () => bytesOf(file, field.offset, field.length, room.bytes));
    return [{ file: source.name, replacement }];
  }
  return writeStored(tensor, () => bytesOf(file, offset, length, room.bytes), content.payload);
}

/** Beyond that size no reader takes a model, whatever wrote it. */
function refuseTooLarge(source: ByteSource, change: Pick<FilePatch, 'replacements' | 'append'>): void {
  const size = patchedSize(change, source.size);
  if (size <= largestMessage || size <= source.size) return;
  throw new Failure('unsupported', say('{0} would have {1} GB, and a model file can hold 2. Reinitialize fewer of the weights that are computed or sparse, '
    + 'or export it with external data.', source.name, (size / 1e9).toFixed(2)));
}

function withProgress(patches: readonly FilePatch[], { progress, cancellation }: SaveRequest): readonly FilePatch[] {
  const sizes = patches.map((patch) => patchedSize(patch, sizeOf(patch.source)));
  const total = Math.max(1, sizes.reduce((sum, size) => sum + size, 0));
  return patches.map((patch, i): FilePatch => {
    const before = sizes.slice(0, i).reduce((sum, size) => sum + size, 0);
    return {
      ...patch,
      ...(progress ? { progress: (bytes: number) => progress(Math.min(1, (before + bytes) / total)) } : {}),
      ...(cancellation ? { cancellation } : {}),
    };
  });
}

const sizeOf = (path: string): number => statSync(path).size;

function refuseChanged({ model, stamp, externalStamps }: OpenedModel): void {
  for (const [file, then] of [[model.file, stamp] as const, ...externalStamps]) {
    if (isSameStamp(stampIfThere(file), then)) continue;
    throw new Failure('changed-on-disk', say('{0} was changed by another program since it was read, and was not saved. Revert to read it again.', file));
  }
}

async function refuseReadOnly(target: string): Promise<void> {
  const status = await stat(target).catch(() => null);
  if (status && (status.mode & 0o222) === 0) {
    throw new Failure('read-only', say('{0} is read-only and was not saved. Allow writing to it, or save under another name.', target));
  }
}

/** The record of all recipes the file will hold: its earlier ones but for tensors that are written now, and the new ones. */
function recordText({ opened, contents, record }: SaveRequest): string | null {
  const kept = readRecord(opened.model.metadata.get(recordKey)).filter((recipe) => !contents.has(recipe.tensorId));
  const added = [...contents.values()].flatMap((content) => (content.kind === 'recipe' ? [content.recipe] : []));
  const recipes = [...kept, ...added];
  return record && recipes.length > 0 ? writeRecord(recipes) : null;
}
