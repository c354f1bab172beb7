import { describe, expect, it } from 'vitest';

import { formalInput, operators } from '../../src/core/ops/registry';
import type { OperatorSpec, Rule } from '../../src/core/ops/spec';
import { differentiate, rulesOf } from './differentiate';
import { compareWithDifferences } from './finiteDifferences';
import { samples, titleOf } from './samples';
import type { Sample } from './samples/sample';

/** Float inputs that are fed, by what the registry says of them. */
function fedFloats(sample: Sample, isWanted: (rule: Rule | 'non-differentiable' | undefined) => boolean): readonly string[] {
  return [...rulesOf(sample)].flatMap(([value, rule]) => {
    const operand = sample.inputs.get(value);
    return isWanted(rule) && operand?.dtype === 'float32' && !operand.stored ? [value] : [];
  });
}

const withRule = (sample: Sample): readonly string[] => fedFloats(sample, (rule) => typeof rule === 'function');
const withoutRule = (sample: Sample): readonly string[] => fedFloats(sample, (rule) => typeof rule !== 'function');
const titled = (list: readonly Sample[]): readonly (readonly [string, Sample])[] => list.map((sample) => [titleOf(sample), sample]);

describe('every operator of the registry', () => {
  it.each([...operators.values()].map((spec) => [spec.op, spec] as const))('%s has samples, and a statement for each input', (op, spec) => {
    const own = samples.filter((sample) => sample.op === op);
    expect(own.length).toBeGreaterThan(0);
    for (const formal of spec.inputs) expect(spec.gradient, formal).toHaveProperty(formal);
    expect(Object.keys(spec.gradient).filter((formal) => !spec.inputs.includes(formal))).toEqual([]);
    const used = own.flatMap((sample) => sample.positions.map((value, position) => (value === null ? undefined : formalInput(spec, position))));
    for (const formal of spec.inputs) expect(used, `a sample with ${formal}`).toContain(formal);
    const tried = own.flatMap((sample) => withRule(sample).map((value) => formalInput(spec, sample.positions.indexOf(value))));
    const ruled = spec.inputs.filter((formal) => typeof spec.gradient[formal] === 'function');
    for (const formal of ruled) expect(tried, `a sample with the gradient of ${formal}`).toContain(formal);
  });

  it('has samples with names of their own, and no samples of anything else', () => {
    expect(new Set(samples.map(titleOf)).size).toBe(samples.length);
    expect(samples.filter((sample) => !operators.has(sample.op)).map(titleOf)).toEqual([]);
  });
});

describe('gradient rules agree with finite differences', () => {
  it.each(titled(samples.filter((sample) => withRule(sample).length > 0)))('%s', async (_, sample) => {
    const { gradients, backward, appended } = await differentiate(sample);
    expect([...gradients.keys()]).toEqual(withRule(sample));
    expect(backward.blocked.size + backward.unsupported.length).toBe(0);
    for (const [value, gradient] of gradients) expect(gradient.shape, value).toEqual(sample.inputs.get(value)?.shape);
    expect(appended.filter((node) => node.domain !== '').map((node) => node.op)).toEqual([]);
    const differences = await compareWithDifferences(sample, gradients);
    expect(differences.filter(({ error }) => !(error <= 1))).toEqual([]);
  });
});

describe('what is called non-differentiable', () => {
  it.each(titled(samples.filter((sample) => withoutRule(sample).length > 0)))('%s: has derivative 0, and no gradient', async (_, sample) => {
    const { gradients, backward } = await differentiate(sample);
    for (const value of withoutRule(sample)) expect(gradients.has(value)).toBe(false);
    expect(backward.blocked.size + backward.unsupported.length).toBe(0);
    const differences = await compareWithDifferences(sample, new Map(withoutRule(sample).map((value) => [value, null])));
    expect(differences.filter(({ measured }) => measured !== 0)).toEqual([]);
  });
});

describe('the checker', () => {
  const square = samples.filter((sample) => sample.op === 'ReduceSumSquare');
  const registryWith = (op: string, formal: string, rule: Rule | 'non-differentiable'): ReadonlyMap<string, OperatorSpec> => {
    const spec = operators.get(op);
    if (!spec) throw new Error(`${op} is not registered.`);
    return new Map(operators).set(op, { ...spec, gradient: { ...spec.gradient, [formal]: rule } });
  };
  const worst = async (sample: Sample, registry: ReadonlyMap<string, OperatorSpec>): Promise<number> => {
    const { gradients } = await differentiate(sample, registry);
    return Math.max(...(await compareWithDifferences(sample, gradients)).map(({ error }) => error));
  };

  it('catches d(x²)/dx = 2.001 x', async () => {
    const right = operators.get('ReduceSumSquare')?.gradient.data;
    const wrong: Rule = (r) => {
      const result = typeof right === 'function' ? right(r) : '';
      return typeof result === 'string' ? r.m.scale(result, 1.0005) : result;
    };
    for (const sample of square) expect(await worst(sample, registryWith('ReduceSumSquare', 'data', wrong))).toBeGreaterThan(1);
  });

  it('catches a derivative of ELU that leaves out α, in single precision', async () => {
    const wrong: Rule = ({ dy, x, m }) => m.where(m.less(x('X'), m.constant(0)), m.mul(dy('Y'), m.exp(x('X'))), dy('Y'));
    for (const sample of samples.filter(({ op, name }) => op === 'Elu' && name === 'alpha')) {
      expect(await worst(sample, registryWith('Elu', 'X', wrong))).toBeGreaterThan(1);
    }
  });

  it('catches a gradient that is claimed not to exist', async () => {
    for (const sample of samples.filter(({ op }) => op === 'Tanh')) {
      const differences = await compareWithDifferences(sample, new Map([['X', null]]));
      expect(differences.some(({ measured }) => measured !== 0)).toBe(true);
    }
  });
});
