import type { Graph, ValueInfo } from '../../core/graph/graph';
import { elementCount, isFloat } from '../../core/graph/dtype';
import { indexGraph } from '../../core/graph/order';
import { sampleFloat32 } from '../../core/initializers/sampling';
import { storedSource } from '../../core/layers/source';
import { Failure } from '../../protocol/failure';
import type { Sampler } from '../../protocol/recipe';
import type { SimulationOptions } from '../../protocol/simulation';
import { say } from '../../protocol/words';
import type { Draw } from './draw';
import type { Value } from '../runtime';

/** An input of the network with its concrete shape, and how it is filled. */
export interface InputPlan {
  readonly name: string;
  readonly dtype: ValueInfo['dtype'];
  readonly shape: readonly number[];
  readonly fill:
    | { readonly kind: 'normal'; readonly mean: number; readonly variance: number }
    | { readonly kind: 'data'; readonly data: Sampler }
    | { readonly kind: 'index'; readonly below: number }
    | { readonly kind: 'ones' };
  readonly description: string;
}

/** Samples per run where the batch is symbolic: enough to see a variance, few enough for images. */
const batchOfVectors = 32;
const batchOfImages = 8;
/** Length of a symbolic dimension nobody has given a size, and others that are tried where a network does not take it: a window, an image, a table. */
export const defaultLength = 16;
export const otherLengths: readonly number[] = [64, 512, 4];

const standard = { mean: 0, variance: 1 };

/** Concrete shapes for all inputs. `batch` replaces a fixed leading dimension too; `length` is that of what else is left open. */
export function planInputs(graph: Graph, options: SimulationOptions, batch: number | null, length = defaultLength): readonly InputPlan[] {
  const dims = new Map(Object.entries(options.dims));
  const unknown = [...dims.keys()].filter((name) => !graph.inputs.some((input) => input.shape?.includes(name)));
  if (unknown.length > 0) {
    const known = [...new Set(graph.inputs.flatMap((input) => input.shape?.filter((size) => typeof size === 'string') ?? []))];
    throw new Failure('wrong-usage', known.length > 0
      ? say('The model has no dimension {0}; its symbolic dimensions are {1}.', unknown.join(', '), known.join(', '))
      : say('The model has no dimension {0}; all its dimensions are fixed.', unknown.join(', ')));
  }
  const symbolicBatch = graph.inputs.map((input) => input.shape?.[0]).find((size) => typeof size === 'string');
  // A size that is the second of another input, as a mask of tokens by tokens begins with, is no batch.
  const lengths = new Set(graph.inputs.flatMap((input) => input.shape?.slice(1) ?? []));
  const usual = graph.inputs.some((input) => (input.shape?.length ?? 0) > 2) ? batchOfImages : batchOfVectors;
  return graph.inputs.map((input) => {
    const given = input.shape ?? [];
    const shape = given.map((size, axis): number => {
      const leads = axis === 0 && given.length > 1;
      if (typeof size === 'number') return leads && batch !== null ? batch : size;
      const named = dims.get(size);
      if (named !== undefined) return named;
      return size === symbolicBatch || (leads && !lengths.has(size)) ? batch ?? usual : length;
    });
    const fill = fillOf(graph, input, options.input);
    const description = `${input.name} [${shape.join(', ')}] ${said(fill)}`;
    return { name: input.name, dtype: isFloat(input.dtype) ? 'float32' : input.dtype, shape, fill, description };
  });
}

function said(fill: InputPlan['fill']): string {
  switch (fill.kind) {
    case 'normal': return `N(${fill.mean}, ${fill.variance})`;
    case 'data': return say('{0}, as the file says', fill.data.kind === 'uniform' ? say('uniform from {0} to {1}', fill.data.low, fill.data.high)
      : fill.data.kind);
    case 'index': return say('uniform below {0}', fill.below);
    case 'ones': return say('ones');
  }
}

/** Floats are what the file or the user says, else noise; indices are uniform over the table they look up, masks and lengths are ones. */
function fillOf(graph: Graph, input: ValueInfo, floats: SimulationOptions['input']): InputPlan['fill'] {
  if (isFloat(input.dtype) && !floats && input.data) {
    const { data } = input;
    return data.kind === 'normal' ? { kind: 'normal', mean: data.mean, variance: data.std ** 2 } : { kind: 'data', data };
  }
  if (isFloat(input.dtype)) return { kind: 'normal', ...floats ?? standard };
  const index = indexGraph(graph);
  const lookup = [input.name, ...(index.consumers.get(input.name) ?? []).filter((node) => node.op === 'Cast').map((node) => node.outputs[0] ?? '')]
    .flatMap((value) => index.consumers.get(value) ?? []).find((node) => node.op === 'Gather' && node.inputs[0] !== input.name);
  const table = lookup ? storedSource(index, lookup.inputs[0] ?? '') : null;
  return table ? { kind: 'index', below: table.shape[0] ?? 1 } : { kind: 'ones' };
}

/** The values of an input: a function of the draw and the name alone, so schemes are compared on the same data. */
export function createInput(plan: InputPlan, draw: Draw): Value {
  const count = elementCount(plan.shape);
  const { fill } = plan;
  const integers = (): readonly number[] => {
    if (fill.kind !== 'index') return Array.from({ length: count }, () => 1);
    return Array.from(noise(`input:${plan.name}`, draw, plan.shape, 'uniform'), (u) => Math.min(fill.below - 1, Math.floor(u * fill.below)));
  };
  switch (plan.dtype) {
    case 'float32': {
      const sampler: Sampler = fill.kind === 'data' ? fill.data : { kind: 'normal', ...deviating(fill.kind === 'normal' ? fill : standard) };
      return { dtype: 'float32', shape: plan.shape, data: drawn(`input:${plan.name}`, draw, plan.shape, sampler) };
    }
    case 'int64': return { dtype: 'int64', shape: plan.shape, data: BigInt64Array.from(integers(), BigInt) };
    case 'int32': return { dtype: 'int32', shape: plan.shape, data: Int32Array.from(integers()) };
    case 'bool': case 'uint8': return { dtype: plan.dtype, shape: plan.shape, data: Uint8Array.from(integers()) };
    default: throw new Failure('unsupported',
      say('The input {0} has element type {1}, which Initscope cannot make up. Give it with --input.', plan.name, plan.dtype));
  }
}

const deviating = ({ mean, variance }: typeof standard): { readonly mean: number; readonly std: number } => ({ mean, std: Math.sqrt(variance) });

/** Standard normal noise, or uniform one in (0, 1), keyed by a purpose and a draw. */
export function noise(purpose: string, draw: Draw, shape: readonly number[], kind: 'normal' | 'uniform'): Float32Array {
  return drawn(purpose, draw, shape, kind === 'normal' ? { kind, mean: 0, std: 1 } : { kind, low: 0, high: 1 });
}

function drawn(purpose: string, { seed, sample }: Draw, shape: readonly number[], sampler: Sampler): Float32Array {
  const tensorId = sample === 0 ? purpose : `${purpose}#${sample}`;
  return sampleFloat32({ version: 1, tensorId, seed, blocks: [{ sampler }], origin: { scheme: 'normal', title: purpose } }, shape);
}
