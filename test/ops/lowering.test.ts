import { describe, expect, it } from 'vitest';

import { elementCount } from '../../src/core/graph/dtype';
import { loweredOperators } from '../../src/core/ops/lowered';
import { formalInput, loweringOf, operators } from '../../src/core/ops/registry';
import { createForward, differentiableInputs, differentiate, feedsOf, graphOf, lowered } from './differentiate';
import { compareWithDifferences } from './finiteDifferences';
import { loweredSamples, titleOf } from './samples';
import type { Sample } from './samples/sample';

const nameOf = ({ domain = '', op }: { readonly domain?: string; readonly op: string }): string => (domain === '' ? op : `${domain}.${op}`);
const samplesOf = (operator: { readonly domain?: string; readonly op: string }): readonly Sample[] => (
  loweredSamples.filter((sample) => nameOf(sample) === nameOf(operator)));
const titled = (list: readonly Sample[]): readonly (readonly [string, Sample])[] => list.map((sample) => [titleOf(sample), sample]);

/** What ONNX Runtime cannot run on a CPU is compared with PyTorch alone. */
const withKernel = loweredSamples.filter((sample) => graphOf(sample, 'float32').nodes.every((node) => loweringOf(node)?.kernel?.(node) ?? true));
describe('every operator that is lowered', () => {
  it.each(loweredOperators.map((operator) => [nameOf(operator), operator] as const))('%s has samples with each of its inputs', (_, operator) => {
    const own = samplesOf(operator);
    expect(own.length).toBeGreaterThan(0);
    const used = new Set(own.flatMap((sample) => sample.positions.map((value, position) => (value === null ? '' : formalInput(operator, position)))));
    expect(operator.inputs.filter((formal) => !used.has(formal))).toEqual(operator.unknown ?? []);
  });

  it('is one that has no rule, and has samples that nothing else has', () => {
    expect(loweredOperators.filter(({ op, domain = '' }) => domain === '' && operators.has(op))).toEqual([]);
    expect(new Set(loweredSamples.map(titleOf)).size).toBe(loweredSamples.length);
    const known = new Set(loweredOperators.map(nameOf));
    expect(loweredSamples.filter((sample) => !known.has(nameOf(sample))).map(titleOf)).toEqual([]);
  });
});

describe('what is not lowered', () => {
  const beyond = loweredOperators.flatMap((operator) => (operator.unknown ?? []).map((formal) => [nameOf(operator), formal, operator] as const));
  it.each(beyond)('%s with %s, and says so', (name, formal, operator) => {
    const [sample] = samplesOf(operator);
    if (!sample) throw new Error(`There is no sample of ${name}.`);
    const given = new Map([...sample.inputs].slice(0, 1).map(([, operand]) => [formal, operand]));
    const before = operator.inputs.slice(0, operator.inputs.indexOf(formal)).map((each) => (sample.inputs.has(each) ? each : null));
    const { graph, refused: left } = lowered({ ...sample, inputs: new Map([...sample.inputs, ...given]), positions: [...before, formal] });
    expect(graph.nodes.map((node) => node.op)).toEqual([sample.op]);
    expect(left.get('node')).toContain(formal);
  });

  it('names what makes a node too much', () => {
    const [conv] = loweredSamples.filter(({ op }) => op === 'FusedConv');
    if (!conv) throw new Error('There is no FusedConv.');
    expect(lowered({ ...conv, attributes: { ...conv.attributes, activation: 'Wobble' } }).refused.get('node')).toContain('Wobble');
  });
});

describe('what is lowered', () => {
  it.each(titled(loweredSamples))('%s: has a rule for all of it', async (_, sample) => {
    const { graph, refused: left } = lowered(sample);
    expect([...left]).toEqual([]);
    expect(graph.nodes.filter((node) => node.domain !== '' || !operators.has(node.op)).map((node) => node.op)).toEqual([]);
    expect(graph.outputs).toEqual(graphOf(sample, 'float32').outputs);
    const { backward, gradients } = await differentiate(sample);
    expect(backward.unsupported).toEqual([]);
    expect([...gradients.keys()]).toEqual(differentiableInputs(sample));
    for (const [name, gradient] of gradients) expect(gradient.shape, name).toEqual(sample.inputs.get(name)?.shape);
  });

  it.each(titled(withKernel))('%s: is what the kernel of ONNX Runtime computes', async (_, sample) => {
    const { session, outputs } = await createForward(sample, 'float32');
    const kernel = await session.run(feedsOf(sample, 'float32'), outputs);
    await session.release();
    const { outputs: own } = await differentiate(sample);
    outputs.forEach((name, i) => {
      const [expected, found] = [kernel.get(name), own[i]];
      expect(found?.shape, name).toEqual(expected?.shape);
      const values = Array.from(expected?.data ?? [], Number);
      expect(values.length).toBe(elementCount(found?.shape ?? []));
      const largest = Math.max(...values.map(Math.abs));
      const error = Math.max(...values.map((value, k) => Math.abs(value - Number(found?.data[k]))));
      expect(error / (largest + 1e-6), name).toBeLessThan(1e-5);
    });
  });

  it.each(titled(withKernel))('%s: has the gradient of that kernel by finite differences', async (_, sample) => {
    const { gradients } = await differentiate(sample);
    const differences = await compareWithDifferences(sample, gradients);
    expect(differences.filter(({ error }) => !(error <= 1))).toEqual([]);
  });
});
