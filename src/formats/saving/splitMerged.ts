import { createHash } from 'node:crypto';

import { codeOf } from '../../core/graph/dtype';
import { graphsIn } from '../../core/graph/graph';
import type { MergedUse, Tensor } from '../../core/graph/tensor';
import { Failure } from '../../protocol/failure';
import type { Recipe } from '../../protocol/recipe';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import { openFile } from '../files/byteSource';
import { drawnBytes } from '../tensors/content';
import { storedBytes } from '../tensors/elements';
import { besideIt, renamedInput } from '../onnxJson/objects';
import { fieldAt, fieldsIn } from '../onnx/fields';
import { concat, delimited, text, varintField } from '../onnx/messages';
import { freeInitializers } from '../onnx/read';
import { wire } from '../onnx/wire';
import type { OpenedModel } from '../openModel';
import type { PlacedReplacement, Replacement } from '../files/replacement';
import { replaceBy } from '../files/replacement';
import { writeBytes } from './tensorWrite';

/** A use of a tensor that several were merged into. */
interface Member {
  readonly name: string;
  readonly tensor: Tensor;
  readonly merged: MergedUse;
}

/** The uses of every tensor that several were merged into, by the id of that tensor; first the one that keeps it. */
export function mergedFamilies({ graph }: Pick<OpenedModel, 'graph'>): ReadonlyMap<string, readonly Member[]> {
  const families = new Map<string, Member[]>();
  for (const { initializers } of graphsIn(graph)) {
    for (const [name, tensor] of initializers) {
      const { merged } = tensor;
      if (!merged) continue;
      const family = families.get(merged.id);
      const member = { name, tensor, merged };
      if (!family) families.set(merged.id, [member]);
      else if (merged.rewired.length > 0) family.push(member);
      else family.unshift(member);
    }
  }
  return families;
}

/**
 * Writes what the uses of a merged tensor are to hold: over the stored one where they agree, and where they do not each in a tensor of its own
 * beside it, which its nodes then name. `contentOf` gives the new bytes of a use as the file stores them, or null where it stays as it is.
 */
export function writeMerged(
  source: ByteSource, opened: OpenedModel, family: readonly Member[], contentOf: (tensor: Tensor) => Uint8Array | null,
): readonly PlacedReplacement[] {
  const [keeper] = family;
  if (!keeper) return [];
  const before = readStored(source, keeper.tensor);
  const [first, ...others] = agreeing(family, (tensor) => contentOf(tensor) ?? before);
  const kept = first && !Buffer.from(first.bytes).equals(before) ? writeBytes(keeper.tensor, first.bytes) : [];
  const apart = others.flatMap(({ bytes, members }) => splitOff(source, opened, members, bytes));
  return [...kept, ...apart.map((replacement) => ({ file: source.name, replacement }))];
}

interface Agreeing { readonly bytes: Uint8Array; readonly members: Member[] }

/** The uses that are to hold the same, first those that the stored tensor is kept for. */
function agreeing(family: readonly Member[], bytesOf: (tensor: Tensor) => Uint8Array): readonly Agreeing[] {
  const groups = new Map<string, Agreeing>();
  for (const member of family) {
    const bytes = bytesOf(member.tensor);
    const key = createHash('sha256').update(bytes).digest('hex');
    const known = groups.get(key);
    if (known) known.members.push(member);
    else groups.set(key, { bytes, members: [member] });
  }
  return [...groups.values()];
}

function readStored(source: ByteSource, tensor: Tensor): Uint8Array {
  const own = tensor.place?.file === source.name ? source : openFile(tensor.place?.file ?? source.name);
  try {
    const bytes = storedBytes(own, tensor);
    if (bytes) return bytes;
  } finally {
    if (own !== source) own.close();
  }
  throw new Failure('broken-file', say('{0}: {1} is not where it was read. Read it again.', source.name, tensor.id));
}

/** A tensor of their own for some uses, in front of the field of the one they shared, and its name where their nodes named that. */
function splitOff(source: ByteSource, { model }: OpenedModel, members: readonly Member[], bytes: Uint8Array): readonly Replacement[] {
  const [first] = members;
  const home = first?.tensor.home;
  if (!first || !home) return [];
  const { name, tensor: { dtype, shape } } = first;
  if (home.isText) {
    if (model.irVersion < freeInitializers) {
      throw new Failure('unsupported',
        say('{0}: {1} cannot be split off in a text of IR version {2}. Convert it to a later one.', source.name, name, model.irVersion));
    }
    const inputs = members.flatMap(({ merged, tensor }) => merged.rewired.map(({ node, position }) => renamedInput(source, node, position, tensor.id, name)));
    return [besideIt(source, home, name, first.tensor, bytes), ...inputs];
  }
  const dims = shape.map((size) => varintField(1, size));
  const field = delimited(5, [...dims, varintField(2, codeOf(dtype)), text(8, name), delimited(9, [bytes])]);
  const at = home.node?.start ?? home.start;
  const fields = model.irVersion < freeInitializers ? concat([asInput(name, first.tensor), field]) : field;
  return [replaceBy(at, at, fields, name), ...members.flatMap(({ merged, tensor }) => merged.rewired.map((input) => rewire(source, input, tensor.id, name)))];
}

/** GraphProto.input (11): before IR version 4 an initializer has to be one as well. */
function asInput(name: string, { dtype, shape }: Tensor): Uint8Array {
  const sizes = delimited(2, shape.map((size) => delimited(1, [varintField(1, size)])));
  return delimited(11, [text(1, name), delimited(2, [delimited(1, [varintField(1, codeOf(dtype)), sizes])])]);
}

function rewire(source: ByteSource, { node, position }: MergedUse['rewired'][number], owner: string, name: string): Replacement {
  const { body, end } = fieldAt(source, node.start);
  const inputs = end === node.end ? [...fieldsIn(source, body, end)].filter(({ number, type }) => number === 1 && type === wire.delimited) : [];
  const input = inputs[position];
  if (input) return replaceBy(input.start, input.end, text(1, name), owner);
  throw new Failure('broken-file', say('{0}: the node that reads {1} is not where it was read. Read it again.', source.name, owner));
}

/** What a save would split, in a sentence for each tensor; `recipeOf` tells what a use holds that is not as in the file. */
export function splitNotes(opened: OpenedModel, recipeOf: (id: string) => Recipe | undefined): readonly string[] {
  const touched = [...mergedFamilies(opened).values()].filter((family) => family.some(({ tensor }) => recipeOf(tensor.id) !== undefined));
  if (touched.length === 0) return [];
  const source = openFile(opened.model.file);
  try {
    return touched.flatMap((family) => {
      const [keeper] = family;
      if (!keeper) return [];
      const before = readStored(source, keeper.tensor);
      const [, ...others] = agreeing(family, (tensor) => drawnOnce(recipeOf(tensor.id), tensor) ?? before);
      if (others.length === 0) return [];
      const apart = others.reduce((sum, { members }) => sum + members.length, 0);
      const numbers = [keeper.name, keeper.merged.uses, apart] as const;
      return [others.length === 1
        ? say('{0} is one tensor for {1} uses in the file, {2} of which get a tensor of their own: they are to start differently.', ...numbers)
        : say('{0} is one tensor for {1} uses in the file, {2} of which get {3} tensors of their own: they are to start differently.', ...numbers,
          others.length)];
    });
  } finally {
    source.close();
  }
}

/** All of it at once: biases and scales are small. */
export function drawnOnce(recipe: Recipe | undefined, tensor: Tensor): Uint8Array | null {
  return recipe ? concat([...drawnBytes(recipe, tensor)].map((chunk) => chunk.slice())) : null;
}
