import type { Graph, ValueInfo } from '../core/graph/graph';
import { elementCount, isFloat } from '../core/graph/dtype';
import { indexGraph } from '../core/graph/order';
import { sampleElements } from '../core/initializers/sampling';
import { storedSource } from '../core/layers/source';
import { Failure } from '../protocol/failure';
import type { SimulationOptions } from '../protocol/simulation';
import type { Value } from './runtime';

/** An input of the network with its concrete shape, and how it is filled. */
export interface InputPlan {
  readonly name: string;
  readonly dtype: ValueInfo['dtype'];
  readonly shape: readonly number[];
  readonly fill: { readonly kind: 'normal' } | { readonly kind: 'index'; readonly below: number } | { readonly kind: 'ones' };
  readonly description: string;
}

/** Samples per run where the batch is symbolic: enough to see a variance, few enough for images. */
const batchOfVectors = 32;
const batchOfImages = 8;
/** Length of a symbolic dimension nobody has given a size. */
const defaultLength = 16;

/** Concrete shapes for all inputs. `batch` replaces a fixed leading dimension too. */
export function planInputs(graph: Graph, options: SimulationOptions, batch: number | null): readonly InputPlan[] {
  const unknown = Object.keys(options.dims).filter((name) => !graph.inputs.some((input) => input.shape?.includes(name)));
  if (unknown.length > 0) {
    const known = [...new Set(graph.inputs.flatMap((input) => input.shape?.filter((size) => typeof size === 'string') ?? []))];
    const there = known.length > 0 ? `its symbolic dimensions are ${known.join(', ')}` : 'all its dimensions are fixed';
    throw new Failure('wrong-usage', `The model has no dimension ${unknown.join(', ')}; ${there}.`);
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
      const named = options.dims[size];
      if (named !== undefined) return named;
      return size === symbolicBatch || (leads && !lengths.has(size)) ? batch ?? usual : defaultLength;
    });
    const fill = fillOf(graph, input);
    const kind = fill.kind === 'normal' ? 'N(0, 1)' : fill.kind === 'index' ? `uniform below ${fill.below}` : 'ones';
    return { name: input.name, dtype: isFloat(input.dtype) ? 'float32' : input.dtype, shape, fill, description: `${input.name} [${shape.join(', ')}] ${kind}` };
  });
}

/** Floats are noise, indices are uniform over the table they look up, masks and lengths are ones. */
function fillOf(graph: Graph, input: ValueInfo): InputPlan['fill'] {
  if (isFloat(input.dtype)) return { kind: 'normal' };
  const index = indexGraph(graph);
  const lookup = [input.name, ...(index.consumers.get(input.name) ?? []).filter((node) => node.op === 'Cast').map((node) => node.outputs[0] ?? '')]
    .flatMap((value) => index.consumers.get(value) ?? []).find((node) => node.op === 'Gather' && node.inputs[0] !== input.name);
  const table = lookup ? storedSource(index, lookup.inputs[0] ?? '') : null;
  return table ? { kind: 'index', below: table.shape[0] ?? 1 } : { kind: 'ones' };
}

/** The values of an input for a seed: a function of the seed and the name alone, so schemes are compared on the same data. */
export function createInput(plan: InputPlan, seed: number): Value {
  const count = elementCount(plan.shape);
  const uniform = (): Float64Array => noise(`input:${plan.name}`, seed, plan.shape, 'uniform');
  const integers = (): readonly number[] => {
    const { fill } = plan;
    return fill.kind === 'index' ? Array.from(uniform(), (u) => Math.floor(u * fill.below)) : Array.from({ length: count }, () => 1);
  };
  switch (plan.dtype) {
    case 'float32': return { dtype: 'float32', shape: plan.shape, data: Float32Array.from(noise(`input:${plan.name}`, seed, plan.shape, 'normal')) };
    case 'int64': return { dtype: 'int64', shape: plan.shape, data: BigInt64Array.from(integers(), BigInt) };
    case 'int32': return { dtype: 'int32', shape: plan.shape, data: Int32Array.from(integers()) };
    case 'bool': case 'uint8': return { dtype: plan.dtype, shape: plan.shape, data: Uint8Array.from(integers()) };
    default: throw new Failure('unsupported', `The input ${plan.name} has element type ${plan.dtype}, which Initscope cannot make up. Give it with --input.`);
  }
}

/** Standard normal or uniform noise keyed by a purpose and a seed. */
export function noise(purpose: string, seed: number, shape: readonly number[], kind: 'normal' | 'uniform'): Float64Array {
  const sampler = kind === 'normal' ? { kind: 'normal', mean: 0, std: 1 } as const : { kind: 'uniform', low: 0, high: 1 } as const;
  const recipe = { version: 1, tensorId: purpose, seed, blocks: [{ sampler }], origin: { scheme: 'normal', title: purpose } } as const;
  return sampleElements(recipe, shape, 0, elementCount(shape));
}
