import { describe, expect, it } from 'vitest';

import { GraphBuilder, float } from '../../src/core/graph/builder';
import type { Graph } from '../../src/core/graph/graph';
import { indexGraph } from '../../src/core/graph/order';
import { activationOf } from '../../src/core/layers/patterns';
import { activationOfNode } from '../../src/core/layers/scalarChain';
import { activationMoments, backwardGain, forwardGain } from '../../src/core/ops/quadrature';
import { operators } from '../../src/core/ops/registry';
import type { Activation } from '../../src/core/ops/spec';
import { differentiate, graphOf } from './differentiate';
import { samples, titleOf } from './samples';
import { cotangentOf, exactly, sample } from './samples/sample';
import type { Fill, Operand, Sample } from './samples/sample';

/** Both tails and the middle, off every kink by 1/256 and more. */
const grid = Array.from({ length: 97 }, (_, i) => (i - 48) / 8 + 1 / 32 + 1 / 256);

/** The sample with the grid for input, and its other inputs stored, as exporters store bounds and slopes. */
function onGrid(given: Sample): Sample {
  const gridded: Operand = { dtype: 'float32', shape: [grid.length], values: grid, stored: false };
  return { ...given, inputs: new Map([...given.inputs].map(([name, operand]) => [name, name === 'X' ? gridded : { ...operand, stored: true }])) };
}

function scalarOf(given: Sample): Activation | null {
  const graph = graphOf(given, 'float32');
  const [node] = graph.nodes;
  return node ? activationOfNode(indexGraph(graph), node) : null;
}

const hasScalars = (given: Sample): boolean => [...given.inputs].every(([name, { values }]) => name === 'X' || values.length === 1);
const activations = samples.filter((given) => operators.get(given.op)?.activation && hasScalars(given));

describe('scalar activations are the functions that ONNX Runtime and the rules compute', () => {
  it.each(activations.map((given) => [titleOf(given), onGrid(given)] as const))('%s', async (_, given) => {
    const scalar = scalarOf(given);
    if (!scalar) throw new Error('No scalar function was found.');
    const { outputs, gradients } = await differentiate(given);
    const cotangent = cotangentOf(0, grid.length);
    const differences = grid.flatMap((x, i) => {
      const value = Number(outputs[0]?.data[i]) - scalar.f(x);
      const slope = Number(gradients.get('X')?.data[i]) - scalar.df(x) * (cotangent[i] ?? 0);
      return Math.abs(value) <= 2e-6 * (1 + Math.abs(x)) && Math.abs(slope) <= 1e-5 ? [] : [{ x, value, slope }];
    });
    expect(differences).toEqual([]);
  });

  it('every activation of the registry is among them', () => {
    const known = [...operators.values()].filter((spec) => spec.activation).map((spec) => spec.op);
    expect([...new Set(activations.map(({ op }) => op))].sort()).toEqual(known.sort());
  });

  it.each(activations.map((given) => [titleOf(given), onGrid(given)] as const))('%s: is differentiable but for its kinks', (_, given) => {
    const scalar = scalarOf(given);
    if (!scalar) throw new Error('No scalar function was found.');
    const { f, df, kinks } = scalar;
    const step = 1e-5;
    for (const x of grid.filter((at) => kinks.every((kink) => Math.abs(at - kink) > 1e-3))) {
      expect(Math.abs((f(x + step) - f(x - step)) / (2 * step) - df(x)), `at ${x}`).toBeLessThan(1e-8);
    }
    for (const kink of kinks) expect(Math.abs(f(kink + 1e-9) - f(kink - 1e-9))).toBeLessThan(1e-8);
  });
});

/** Softplus and others of one input, by their samples' builder. */
function named(op: string, attributes: Sample['attributes'] = {}, others: Readonly<Record<string, Fill>> = {}): Activation {
  const found = scalarOf(onGrid(sample(op, 'default', { X: exactly([1], [0]), ...others }, attributes)));
  if (!found) throw new Error(`${op} has no scalar function.`);
  return found;
}

const bound = (value: number): Fill => () => ({ dtype: 'float32', shape: [], values: [value], stored: true });

/** x · σ(x), as exporters spell it. */
function silu(): Activation {
  const empty: Graph = { name: '', inputs: [{ name: 'X', dtype: 'float32', shape: [1] }], outputs: [], initializers: new Map(), nodes: [] };
  const builder = new GraphBuilder(empty);
  builder.output(builder.add('Mul', ['X', builder.add('Sigmoid', ['X'])]), 'float32');
  const found = activationOf(indexGraph(builder.build()), 'X')?.scalar;
  if (!found) throw new Error('Silu was not recognised.');
  return found;
}

/** E f, E f², E f'², and 1/√ of the last two, under N(0, 1). Computed elsewhere, to six digits. */
const table: readonly (readonly [string, Activation, number, number, number, number, number])[] = [
  ['relu', named('Relu'), 0.398942, 0.5, 0.5, 1.414214, 1.414214],
  ['leaky relu, 0.01', named('LeakyRelu'), 0.394953, 0.50005, 0.50005, 1.414143, 1.414143],
  ['leaky relu, 0.2', named('LeakyRelu', { alpha: float(0.2) }), 0.319154, 0.52, 0.52, 1.38675, 1.38675],
  ['prelu, 0.2', named('PRelu', {}, { slope: bound(0.2) }), 0.319154, 0.52, 0.52, 1.38675, 1.38675],
  ['elu', named('Elu'), 0.160521, 0.644945, 0.668102, 1.245198, 1.223429],
  ['selu', named('Selu'), 0, 1, 1.071575, 1, 0.966026],
  ['gelu', named('Gelu'), 0.282095, 0.425221, 0.455851, 1.53353, 1.481114],
  ['silu', silu(), 0.206621, 0.355776, 0.379482, 1.676532, 1.62332],
  ['mish', named('Mish'), 0.240404, 0.452342, 0.479084, 1.486848, 1.444755],
  ['softplus', named('Softplus'), 0.806059, 0.921246, 0.293379, 1.041867, 1.846229],
  ['softsign', named('Softsign'), 0, 0.183014, 0.227671, 2.337533, 2.095781],
  ['tanh', named('Tanh'), 0, 0.394294, 0.464403, 1.592537, 1.467414],
  ['sigmoid', named('Sigmoid'), 0.5, 0.293379, 0.044836, 1.846229, 4.722646],
  ['hard sigmoid', named('HardSigmoid'), 0.5, 0.289102, 0.039503, 1.859834, 5.031341],
  ['hard swish', named('HardSwish'), 0.166217, 0.331567, 0.358532, 1.736657, 1.670076],
  ['sin', { f: Math.sin, df: Math.cos, kinks: [] }, 0, 0.432332, 0.567668, 1.520867, 1.327251],
];

describe('moments under N(0, 1) by quadrature', () => {
  it.each(table)('%s', (_, activation, mean, second, slope, forward, backward) => {
    const moments = activationMoments(activation);
    const found = [moments.mean, moments.second, moments.slope, forwardGain(activation), backwardGain(activation)];
    [mean, second, slope, forward, backward].forEach((expected, i) => expect(Math.abs((found[i] ?? NaN) - expected)).toBeLessThan(1e-6));
  });

  it('relu6 is the relu but for one normal variate in 10⁹', () => {
    const moments = activationMoments(named('Clip', {}, { min: bound(0), max: bound(6) }));
    expect(moments.mean).toBeCloseTo(0.398942, 6);
    expect(moments.second).toBeCloseTo(0.5, 6);
    expect(moments.slope).toBeCloseTo(0.5, 6);
  });

  it('of the relu are σ/√(2π), σ²/2 and ½ at every σ', () => {
    for (const sigma of [1e-3, 0.1, 1, 30]) {
      const { mean, second, slope } = activationMoments(named('Relu'), sigma);
      expect(mean / sigma).toBeCloseTo(1 / Math.sqrt(2 * Math.PI), 12);
      expect(second / sigma ** 2).toBeCloseTo(0.5, 12);
      expect(slope).toBeCloseTo(0.5, 12);
    }
  });
});
