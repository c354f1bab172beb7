/** What training says, keeps, and refuses. */
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { readNpz, writeNpz } from '../../../../src/formats/numpy/npz';
import { Steering } from '../../../../src/engine/learning/steering';
import { CancellationSource } from '../../../../src/protocol/rpc';
import { learn } from '../../support/training';
import { NetworkBuilder, encode, only, present } from '../../support/graphs';
import { deepTanh, residualCnn } from '../../support/models';
import { createFolder, createWriter } from '../../support/temporary';

const folder = createFolder();
const write = createWriter(folder);

/** x [n, width] → outputs, behind what `end` adds. */
function dense(name: string, outputs: number, end: (b: NetworkBuilder, logits: string) => string = (_, logits) => logits, width = 4): string {
  const b = new NetworkBuilder();
  const x = b.input('x', 'float32', ['n', width]);
  const hidden = b.add('Tanh', [b.add('Gemm', [x, b.weight('w1', [width, 8]), b.weight('b1', [8])])]);
  return write(name, encode(b.finish(end(b, b.add('Gemm', [hidden, b.weight('w2', [8, outputs]), b.weight('b2', [outputs])])))));
}

const logits = dense('logits.onnx', 3);
const rows = (count: number, of: (i: number) => number): Float32Array => Float32Array.from({ length: count }, (_, i) => of(i));
const noise = (i: number): number => Math.sin(12.9 * i) * 1.3;

async function arrays(name: string, of: Parameters<typeof writeNpz>[1]): Promise<{ readonly kind: 'file'; readonly path: string }> {
  const file = path.join(folder, name);
  await writeNpz(file, of);
  return { kind: 'file', path: file };
}

describe('a run', () => {
  it('tells every step once, looks at the first and the last, and comes to less than it began with', async () => {
    const { result: { runs, plan, verdict }, told } = await learn(logits, { steps: 40, snapshots: 5, samples: 32, batch: 16 });
    const run = only(runs);
    expect(run.losses).toHaveLength(40);
    expect(told.steps.flatMap(({ losses }) => losses)).toEqual(run.losses);
    let next = 0;
    for (const { from, losses } of told.steps) {
      expect(from).toBe(next);
      next += losses.length;
    }
    expect(told.looked).toEqual([0, 10, 20, 29, 39]);
    expect(present(run.losses.at(-1))).toBeLessThan(present(run.losses[0]));
    expect(run.accuracies).toHaveLength(40);
    expect(plan).toMatchObject({ loss: 'cross-entropy', batch: 16, classes: 3, chance: Math.log(3) });
    expect(present(verdict).reached).toHaveLength(1);
    const weights = present(run.snapshots[0]?.layers[0]?.weights[0]);
    expect(present(weights.update)).toBeGreaterThan(1e-5);
    expect(present(weights.gradient).variance).toBeGreaterThan(0);
  });

  it('is the same again, whatever runs beside it', async () => {
    const [alone, beside] = [await learn(logits, { seed: 3 }), await learn(logits, { seed: 3, schemes: ['zeros', 'current'] })];
    expect(beside.result.runs.find(({ scheme }) => scheme === 'current')?.losses).toEqual(only(alone.result.runs).losses);
  });

  it('shows every scheme the same samples in the same order', async () => {
    const { result: { runs } } = await learn(logits, { schemes: ['zeros', 'constant'], seeds: 2, rate: 1e-9 });
    // Both say the same of every sample, so that the cost is that of the labels alone.
    const [zeros, others] = [runs.filter(({ scheme }) => scheme === 'zeros'), runs.filter(({ scheme }) => scheme === 'constant')];
    zeros.forEach(({ losses }, i) => losses.forEach((loss, step) => { expect(loss).toBeCloseTo(present(others[i]?.losses[step]), 5); }));
  });

  it('moves nothing where all weights are zero but the last biases', async () => {
    const file = path.join(folder, 'kept');
    const { result } = await learn(logits, { schemes: ['zeros'], steps: 12, optimizer: 'sgd', rate: 0.5 }, { keep: file });
    const kept = readNpz(present(only(result.runs).kept));
    expect(['w1', 'b1', 'w2'].map((name) => present(kept.get(name)).data.every((value) => Number(value) === 0))).toEqual([true, true, true]);
    expect(present(kept.get('b2')).data.some((value) => Number(value) !== 0)).toBe(true);
  });

  it('moves running statistics of norms, and trains them by those of the batch', async () => {
    const keep = path.join(folder, 'norms');
    const { result } = await learn(residualCnn, { steps: 3, batch: 4, samples: 12, data: { kind: 'built-in', name: 'teacher' } }, { keep });
    const kept = readNpz(present(only(result.runs).kept));
    const means = present(kept.get('stem.bn.running_mean')).data;
    expect(means.some((value) => Math.abs(Number(value)) > 1e-3)).toBe(true);
    expect(only(result.runs).losses.every((loss) => loss !== null)).toBe(true);
  });
});

describe('a learning rate', () => {
  it('is found once per scheme, between those that do nothing and those that break it', async () => {
    const { result: { trials, runs }, told } = await learn(logits, { rate: 'find', seeds: 2, schemes: ['current', 'zeros'] });
    expect(told.trials).toEqual(trials);
    expect(trials.map(({ scheme }) => scheme)).toEqual(['current', 'zeros']);
    for (const { rates, losses, found } of trials) {
      expect(rates).toHaveLength(losses.length);
      expect(rates.every((rate, i) => i === 0 || rate > present(rates[i - 1]))).toBe(true);
      expect(found).toBeGreaterThan(1e-5);
      expect(found).toBeLessThan(1);
    }
    expect(runs.map(({ rate }) => rate)).toEqual([trials[0]?.found, trials[1]?.found, trials[0]?.found, trials[1]?.found]);
  });

  it('that explodes is said, and what was before is kept', async () => {
    const keep = path.join(folder, 'broken');
    const { result: { runs, verdict } } = await learn(dense('square.onnx', 1), { rate: 1e6, optimizer: 'sgd', steps: 50, loss: 'mse' }, { keep });
    const run = only(runs);
    expect(run.end.kind).toBe('diverged');
    expect(run.end.message).toMatch(/^The cost (is not finite|grew to \S+) at step \d+: a learning rate of 1000000 is too large from here\./);
    expect(run.losses).toHaveLength(run.end.step);
    expect([...readNpz(present(run.kept)).values()].every(({ data }) => data.every((value) => Number.isFinite(Number(value))))).toBe(true);
    expect(present(verdict).text).toMatch(/^Every run diverged: The cost/);
  });
});

describe('steering', () => {
  it('holds between two steps, goes on, and ends with what has been learned', async () => {
    const steering = new Steering();
    const keep = path.join(folder, 'steered');
    let held = false;
    const { result } = await learn(logits, { steps: 4000, snapshots: 1 }, { keep }, {
      steering,
      stepped({ from }) {
        if (!held && from > 2) {
          held = true;
          steering.to('hold');
          setImmediate(() => { steering.to('go'); });
        } else if (held) steering.to('stop');
      },
    });
    const run = only(result.runs);
    expect(held).toBe(true);
    expect(run.end).toMatchObject({ kind: 'cancelled', message: `Stopped after ${run.end.step} of 4000 steps.` });
    expect(run.losses).toHaveLength(run.end.step);
    expect(run.kept).not.toBeNull();
  });

  it('ends at once where it is cancelled', async () => {
    const cancellation = new CancellationSource();
    await expect(learn(logits, { steps: 4000 }, {}, { cancellation, stepped: () => { cancellation.cancel(); } })).rejects.toThrow('Cancelled.');
  });

  it('goes on from where a run ended as if it had not', async () => {
    const keep = path.join(folder, 'resumed');
    for (const optimizer of ['momentum', 'adam'] as const) {
      const whole = await learn(logits, { steps: 20, optimizer });
      await learn(logits, { steps: 12, optimizer }, { keep });
      const { result, told } = await learn(logits, { steps: 8, optimizer }, { keep, resumed: [{ scheme: 'current', seed: 0 }] });
      expect(only(result.runs).losses).toHaveLength(20);
      only(result.runs).losses.forEach((loss, i) => { expect(loss).toBeCloseTo(present(only(whole.result.runs).losses[i]), 5); });
      expect(told.steps[0]?.from).toBe(12);
      expect(told.looked).toEqual([12, 19]);
    }
  });

  it('does not go on from nothing', async () => {
    await expect(learn(logits, {}, { keep: path.join(folder, 'nothing'), resumed: [{ scheme: 'current', seed: 0 }] }))
      .rejects.toThrow('Of current, seed 0, nothing is kept that could be gone on with. Train it from its start.');
  });
});

describe('the loss', () => {
  it.each([
    ['softmax', (b: NetworkBuilder, x: string): string => b.add('Softmax', [x], { axis: -1 }), 'cross-entropy'],
    ['sigmoid', (b: NetworkBuilder, x: string): string => b.add('Sigmoid', [x]), 'binary-cross-entropy'],
  ])('follows a final %s', async (name, end, loss) => {
    const { result: { plan, runs } } = await learn(dense(`${name}.onnx`, 3, end), { steps: 20 });
    expect(plan.loss).toBe(loss);
    expect(present(only(runs).losses.at(-1))).toBeLessThan(present(only(runs).losses[0]));
  });

  it('is squared of a single number, and what its mean would cost is chance', async () => {
    const [x, y] = [{ shape: [40, 4], data: rows(160, noise) }, { shape: [40, 1], data: rows(40, (i) => (i % 2) * 4) }];
    const data = await arrays('line.npz', new Map([['x', x], ['y', y]]));
    const { result: { plan } } = await learn(dense('one.onnx', 1), { data });
    expect(plan).toMatchObject({ loss: 'mse', chance: 4, classes: null, data: '40 samples of line.npz' });
  });

  it.each([
    ['softmax.onnx', 'binary-cross-entropy', 'The output y ends in a softmax, which the loss asked for does not fit. Use cross-entropy, or mse.'],
    ['sigmoid.onnx', 'cross-entropy', 'The output y ends in a sigmoid, which the loss asked for does not fit. Use binary-cross-entropy, or mse.'],
    ['one.onnx', 'cross-entropy', 'The output y has a single unit, of which a cross-entropy says nothing. Use binary-cross-entropy or mse.'],
  ] as const)('of %s is not %s', async (name, loss, said) => {
    await expect(learn(path.join(folder, name), { loss })).rejects.toThrow(said);
  });
});

describe('data', () => {
  const x = { shape: [12, 4], data: rows(48, noise) };
  it.each([
    ['labels out of range', { y: { shape: [12], data: rows(12, (i) => i) } }, 'sample 3 has the label 3; y has the classes 0 to 2.'],
    ['labels that are no number', { y: { shape: [12], data: rows(12, (i) => (i === 5 ? NaN : 0)) } }, 'the target of sample 5 is NaN. Leave it out.'],
    ['too few labels', { y: { shape: [7], data: rows(7, () => 1) } }, 'has 12 samples, and 7 to learn for y. Give one for each.'],
    ['no labels', {}, 'has no array to learn: call it y; it has x.'],
    ['another width', { x: { shape: [12, 5], data: rows(60, noise) }, y: { shape: [12], data: rows(12, () => 1) } },
      'the array for x has shape [12, 5]; [12, 4] is expected.'],
    ['NaN', { x: { shape: [12, 4], data: rows(48, (i) => (i === 17 ? NaN : 0)) }, y: { shape: [12], data: rows(12, () => 1) } }, 'sample 4 has NaN for x.'],
  ])('with %s are refused in a sentence', async (name, others, said) => {
    const data = await arrays(`${name}.npz`, new Map(Object.entries({ x, ...others })));
    await expect(learn(logits, { data })).rejects.toThrow(said);
  });

  it.each([
    ['next-token', logits, 'Sequences of tokens are for networks with one input of tokens that are looked up'],
    ['digits', dense('narrow.onnx', 3, undefined, 2), 'Digits are images, and'],
  ] as const)('%s do not fit every network', async (name, file, said) => {
    await expect(learn(file, { data: { kind: 'built-in', name } })).rejects.toThrow(said);
  });

  it('is what the inputs and outputs suggest', async () => {
    const said = async (file: string): Promise<string> => (await learn(file, { steps: 1, samples: 16, batch: 4 })).result.plan.data;
    expect(await said(logits)).toBe('16 samples that a teacher of the same architecture names');
    expect(await said(dense('plane.onnx', 2, undefined, 2))).toBe('16 points of 2 spirals');
    expect(await said(dense('square64.onnx', 10, undefined, 64))).toBe('16 digits of 8 × 8');
    expect(await said(residualCnn)).toBe('16 digits of 28 × 28');
    expect(await said(deepTanh)).toMatch(/^16 (digits|samples)/);
  });
});

describe('a network', () => {
  it('without a way for the gradient is refused with the reason', async () => {
    const cut = dense('cut.onnx', 3, (b, value) => b.add('Round', [value]));
    await expect(learn(cut, { loss: 'mse' })).rejects.toThrow(`${cut} cannot be trained: no way from an output to a weight has a derivative.`);
  });

  it('that starts from weights of a file trains those', async () => {
    const file = path.join(folder, 'weights.npz');
    await writeNpz(file, new Map([['w2', { shape: [8, 3], data: new Float32Array(24) }], ['b2', { shape: [3], data: new Float32Array(3) }]]));
    const { result } = await learn(logits, {}, { weights: file });
    expect(present(only(result.runs).losses[0])).toBeCloseTo(Math.log(3), 6);
    await writeNpz(file, new Map([['other', { shape: [1], data: new Float32Array(1) }]]));
    await expect(learn(logits, {}, { weights: file })).rejects.toThrow('--weights has arrays that the model does not know: other.');
  });
});
