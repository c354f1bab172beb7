/** Changes of a model that keep it a model: what is counted, named, repeated, nested or connected is another. */
import { operators } from '../../src/core/ops/registry';
import { packedInts } from '../unit/support/protobuf';
import type { Field, Kind } from './tree';
import { copyOf, Message, messagesIn, sizeOf } from './tree';

type Random = () => number;
type Mutation = (model: Message, random: Random, others: readonly Message[]) => void;

const pick = <T>(list: readonly T[], random: Random): T | undefined => list[Math.floor(random() * list.length)];
const upTo = (most: number, random: Random): number => 1 + Math.floor(most ** random());
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const decode = (field: Field | undefined): string => (field?.value instanceof Uint8Array ? new TextDecoder().decode(field.value) : '');
const all = (model: Message, ...kinds: readonly Kind[]): Message[] => [...messagesIn(model)].filter(({ kind }) => kinds.includes(kind));
const named = (number: number, value: string): Field => ({ number, wire: 2, value: text(value) });

const words = ['constructor', '__proto__', 'toString', 'hasOwnProperty', '', ' ', '/', '\0', '\u202e', '\ud800', '..', 'x'.repeat(1 << 12),
  'y'.repeat(1 << 16)];
const extremes = [0n, 1n, 2n, 3n, 64n, 1024n, 65_536n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 40n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 64n - 1n, 2n ** 64n - 2n];
const ops = [...operators.keys(), 'Constant', 'If', 'Loop', 'Scan', 'Attention', 'FusedConv', 'FusedGemm', 'SkipLayerNormalization', 'QAttention',
  'MatMulNBits'];
const attributes = ['axis', 'axes', 'perm', 'group', 'to', 'hidden_size', 'direction', 'num_heads', 'activations', 'transB', 'keepdims', 'value',
  'equation', 'block_size'];
/** A chain of these can be followed. */
const followed = ['Identity', 'Cast', 'Transpose', 'Reshape', 'Unsqueeze', 'Squeeze', 'Concat', 'Split', 'Slice', 'Add', 'Mul', 'Relu', 'Neg',
  'DequantizeLinear'];
const longest = 1000;
/** What is opened within two seconds. */
export const largestMutant = 1 << 20;

/** Copies of a field that leave the file one that is small. */
const fitting = ({ value }: Field, random: Random): number => Math.min(upTo(longest, random), Math.ceil(largestMutant / (4 + sizeOf(value))));

const valuesIn = (model: Message): string[] => all(model, 'node').flatMap(({ fields }) => fields.filter(({ number }) => number <= 2).map(decode));
const tensorNames = (model: Message): string[] => all(model, 'tensor').flatMap(({ fields }) => fields.filter(({ number }) => number === 8).map(decode));

const mutations: Readonly<Record<string, Mutation>> = {
  repeat: (model, random) => {
    const within = pick([...messagesIn(model)].filter(({ fields }) => fields.length > 0), random);
    const field = within && pick(within.fields, random);
    if (!within || !field) return;
    const copies = Array.from({ length: fitting(field, random) }, () => ({ ...field, value: copyOf(field.value) }));
    within.fields.splice(within.fields.indexOf(field), 0, ...copies);
  },
  remove: (model, random) => {
    const within = pick([...messagesIn(model)].filter(({ fields }) => fields.length > 0), random);
    if (within) within.fields.splice(Math.floor(random() * within.fields.length), 1 + Math.floor(random() * 3));
  },
  transplant: (model, random, others) => {
    const donor = pick(others, random);
    const kind = pick(['node', 'tensor', 'attribute', 'value', 'function'] as const, random) ?? 'node';
    const homes = [...messagesIn(model)].filter(({ fields }) => fields.some(({ value }) => value instanceof Message && value.kind === kind));
    const isOfKind = ({ value }: Field): boolean => value instanceof Message && value.kind === kind;
    const given = donor && pick([...messagesIn(donor)].flatMap(({ fields }) => fields.filter(isOfKind)), random);
    if (given) pick(homes, random)?.fields.push({ ...given, value: copyOf(given.value) });
  },
  rewire: (model, random) => {
    const values = [...valuesIn(model), ...tensorNames(model)];
    for (let i = upTo(20, random); i > 0; i--) {
      const field = pick(pick(all(model, 'node'), random)?.fields.filter(({ number }) => number <= 2) ?? [], random);
      if (field) field.value = text(pick(values, random) ?? '');
    }
  },
  rename: (model, random) => {
    const field = pick([...messagesIn(model)].flatMap(({ fields }) => fields.filter(({ value,
      wire }) => wire === 2 && value instanceof Uint8Array && value.length < 256)), random);
    if (field) field.value = text(pick(random() < 0.3 ? valuesIn(model) : words, random) ?? '');
  },
  operator: (model, random) => {
    for (let i = upTo(10, random); i > 0; i--) {
      const node = pick(all(model, 'node'), random);
      const field = node?.fields.find(({ number }) => number === 4);
      if (field) field.value = text(pick(random() < 0.1 ? words : ops, random) ?? '');
    }
  },
  number: (model, random) => {
    for (let i = upTo(8, random); i > 0; i--) {
      const field = pick([...messagesIn(model)].flatMap(({ fields }) => fields.filter(({ wire }) => wire === 0)), random);
      if (field) field.value = pick(extremes, random) ?? 0n;
    }
  },
  shape: (model, random) => {
    const tensor = pick(all(model, 'tensor'), random);
    if (!tensor) return;
    const dims = Array.from({ length: upTo(random() < 0.2 ? longest : 6, random) }, (): Field => ({ number: 1, wire: 0, value: pick(extremes,
      random) ?? 1n }));
    tensor.fields = [...dims, ...tensor.fields.filter(({ number }) => number !== 1)];
  },
  attribute: (model, random) => {
    const node = pick(all(model, 'node'), random);
    const ints = packedInts(8, Array.from({ length: upTo(longest, random) }, (_, i) => (random() < 0.7 ? BigInt(i) : pick(extremes, random) ?? 0n)));
    const name = named(1, pick(random() < 0.1 ? words : attributes, random) ?? '');
    const list: Field = { number: 8, wire: 2, value: ints.subarray(ints.findIndex((byte, i) => i > 0 && byte < 0x80) + 1) };
    const value = random() < 0.5 ? [list, { number: 20, wire: 0, value: 7n }] : [{ number: 3, wire: 0, value: pick(extremes, random) ?? 0n },
      { number: 20, wire: 0, value: 2n }];
    node?.fields.push({ number: 5, wire: 2, value: new Message('attribute', [name, ...value]) });
  },
  chain: (model, random) => {
    const graph = pick(all(model, 'graph'), random);
    const node = graph && pick(graph.fields.filter(({ number }) => number === 1), random);
    const input = node?.value instanceof Message ? pick(node.value.fields.filter(({ number }) => number === 1), random) : undefined;
    if (!graph || !input) return;
    const [from, stem, count, op] = [decode(input), `chain${Math.floor(random() * 1e6)}.`, upTo(longest, random), pick(followed, random) ?? 'Identity'];
    const width = random() < 0.4 ? upTo(8, random) : 1;
    const others = random() < 0.3 ? [pick(tensorNames(model), random) ?? ''] : [];
    const links = Array.from({ length: count }, (_, i): Field => ({ number: 1, wire: 2, value: new Message('node', [
      ...Array.from({ length: width }, () => named(1, i === 0 ? from : `${stem}${i - 1}`)), ...others.map((each) => named(1, each)), named(2,
        `${stem}${i}`), named(4, op),
    ]) }));
    input.value = text(`${stem}${count - 1}`);
    graph.fields.unshift(...links);
  },
  fan: (model, random) => {
    const graph = pick(all(model, 'graph'), random);
    const node = graph && pick(graph.fields.filter(({ number }) => number === 1), random);
    if (!graph || !(node?.value instanceof Message)) return;
    const stem = `fan${Math.floor(random() * 1e6)}.`;
    for (let i = fitting(node, random); i > 0; i--) {
      const copy = copyOf(node.value);
      if (copy instanceof Message) for (const field of copy.fields) if (field.number === 2) field.value = text(`${stem}${i}`);
      graph.fields.push({ ...node, value: copy });
    }
  },
  nest: (model, random) => {
    const graph = model.fields.find(({ number }) => number === 7);
    if (!(graph?.value instanceof Message)) return;
    for (let depth = upTo(18, random); depth > 0; depth--) {
      const inside: Message = graph.value;
      const output = inside.fields.filter(({ number }) => number === 12);
      const body = new Message('attribute', [named(1, pick(['then_branch', 'body', 'constructor'], random) ?? ''), { number: 6, wire: 2,
        value: inside }, { number: 20, wire: 0, value: 5n }]);
      const op = pick(['If', 'Loop', 'Scan'], random) ?? 'If';
      const around = new Message('node', [named(1, 'c'), named(2, `nest${depth}`), named(3, pick(words, random) ?? ''), named(4, op), { number: 5,
        wire: 2, value: body }]);
      graph.value = new Message('graph', [{ number: 1, wire: 2, value: around }, ...output.slice(0, 1)]);
    }
  },
  bytes: (model, random) => {
    const field = pick([...messagesIn(model)].flatMap(({ fields }) => fields.filter(({ value }) => value instanceof Uint8Array && value.length > 0)),
      random);
    if (!(field?.value instanceof Uint8Array)) return;
    const bytes = field.value.slice(0, random() < 0.2 ? Math.floor(random() * field.value.length) : undefined);
    for (let i = upTo(8, random); i > 0 && bytes.length > 0; i--) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    field.value = bytes;
  },
};

export const mutationNames = Object.keys(mutations);

/** Up to four changes of a copy; returns their names. */
export function mutate(model: Message, random: Random, others: readonly Message[]): { readonly mutant: Message; readonly by: readonly string[] } {
  const mutant = copyOf(model);
  if (!(mutant instanceof Message)) throw new Error('A model is a message.');
  const by = Array.from({ length: upTo(4, random) }, () => pick(mutationNames, random) ?? '');
  for (const name of by) mutations[name]?.(mutant, random, others);
  return { mutant, by };
}
