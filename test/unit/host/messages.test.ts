import { describe, expect, it } from 'vitest';

import { inspectorReaders, panelReaders } from '../../../src/host/messages';
import type { InspectorMethods } from '../../../src/protocol/inspector';
import type { PanelMethods } from '../../../src/protocol/panel';
import type { Message, Readers } from '../../../src/protocol/rpc';
import { connect } from '../../../src/protocol/rpc';
import { defaultOptions } from '../../../src/protocol/simulation';
import { defaultPretraining } from '../../../src/protocol/pretraining';
import { defaultTraining } from '../../../src/protocol/training';

type Samples<T> = { readonly [K in keyof T]: T[K] extends (params: infer P) => unknown ? readonly P[] : never };

/** Of every message a page may send, what it may say. */
const inspector: Samples<InspectorMethods> = {
  ready: [{}], select: [{ layers: [] }, { layers: ['a', '__proto__'] }], foresee: [{ layer: 'toString' }],
  compare: [{ layer: '__proto__' }], showPartner: [{ layer: '' }], compareGradients: [{}],
  previewRemedy: [{ layers: null, scheme: 'recommended' }, { layers: ['a'], scheme: 'lsuv' }],
  reinitialize: [{ layers: null, scheme: null }, { layers: ['a'], scheme: 'he-normal' }], applyPreview: [{}], cancelPreview: [{}],
  openGradientPanel: [{}], openAsText: [{}], showLog: [{}], reload: [{}], stopMeasuring: [{}], resumeMeasuring: [{}],
};
const panel: Samples<PanelMethods> = {
  ready: [{}], cancel: [{}], pickModel: [{}], pickSample: [{}], pickEarlier: [{}], pickExperiment: [{}],
  closeLecture: [{}],
  foretell: [{ whatIf: { scheme: 'current', all: 2, layers: { fc: 0.5, constructor: 3 } }, parameters: {} }],
  pickData: [{ of: 'file' }, { of: 'folder' }],
  pickParameters: [{ scheme: 'zeros', options: {} }, { scheme: 'he-normal', options: { mode: 'fan_out' } }],
  phase: [{ layers: ['a', '__proto__'], reach: { weights: 3, biases: 0 } }], showLog: [{}],
  apply: [{ scheme: 'zeros', options: {}, seed: 0 }, { scheme: 'normal', options: { std: 0.3 }, seed: 7 }], reveal: [{ layer: 'toString' }],
  point: [{ layer: 'toString' }, { layer: null }], select: [{ layer: 'a' }], layerGraph: [{}],
  saveFigure: [{ name: 'Variance of gradients', format: 'svg', content: '<svg/>' }], copied: [{ what: 'the picture', problem: null }],
  steerTraining: [{ to: 'hold' }, { to: 'stop' }], continueTraining: [{ steps: 200 }], applyTrained: [{ scheme: 'current', seed: 0 }],
  pickTrainingData: [{ of: 'folder' }], steerPretraining: [{ to: 'go' }], applyPretrained: [{}], fineTune: [{}],
  pretrain: [{ options: defaultPretraining }, { options: {
    ...defaultPretraining, layers: '*.0', epochs: 3, rate: 0.1, batch: 10, sparsity: 0.1, threads: 1, data: { kind: 'file', path: '/data/x.npz' },
  } }],
  train: [{ options: defaultTraining }, { options: {
    ...defaultTraining, schemes: ['zeros'], batch: 8, dims: { n: 3 }, rate: 0.01, loss: 'mse', data: { kind: 'built-in', name: 'digits' }, threads: 2,
  } }, { options: { ...defaultTraining, data: { kind: 'file', path: '/data/x.npz' } } }],
  simulate: [{ options: defaultOptions }, {
    options: { ...defaultOptions, schemes: ['current', 'pytorch'], batch: 4, threads: 2, dims: { n: 3, constructor: 2 }, loss: 'mse', batchNorm: 'inference' },
  }, { options: { ...defaultOptions, data: '/data/x.csv', whatIf: { scheme: 'he-normal', all: 1.5, layers: {} }, parameters: { normal: { std: 0.02 } } } }],
};

interface Case { readonly method: string; readonly samples: readonly object[]; readonly readers: Readers<never> }
const casesOf = (samples: object, readers: object): readonly Case[] => (
  Object.entries(samples).map(([method, each]) => ({ method, samples: each as readonly object[], readers: readers as Readers<never> })));
const cases = [...casesOf(inspector, inspectorReaders), ...casesOf(panel, panelReaders)];

/** What a method of a side with these readers answers, whether its handler was called, and what was logged. */
interface Heard { readonly answer: Message | null; readonly called: readonly unknown[]; readonly lines: readonly string[] }

async function send(method: string, readers: Readers<never>, message: unknown): Promise<Heard> {
  const called: unknown[] = [];
  const lines: string[] = [];
  let hear: (message: unknown) => void = () => undefined;
  let answer: Message | null = null;
  const handlers = { [method]: (params: unknown) => { called.push(params); } };
  connect({ post: (each) => { answer = each; }, listen: (listener) => { hear = listener; return () => undefined; } }, handlers as never, {}, {
    readers, refused: (line) => lines.push(line),
  });
  hear(message);
  // The answer is posted when what is pending now is done.
  await new Promise((resolve) => { setImmediate(resolve); });
  return { answer, called, lines };
}

const wrong: readonly unknown[] = [
  undefined, null, 0, -1, 1.5, NaN, Infinity, 2 ** 60, '', 'nothing', 'constructor', true, [], [null], [1], [['a']], { toString: 1 }, { length: 2 ** 31 },
  Symbol.iterator, 1n, () => 'a', 'x'.repeat(1 << 17), Array.from({ length: 3 }, () => ({})), { layers: { length: 1 } },
  Object.create({ layers: ['a'] }) as object,
];

/** Copies of a value, each with another thing in one place of it, with a field too many, or with one too few. */
function* mutants(value: unknown): Generator {
  yield* wrong;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
    for (const mutant of mutants(inner)) yield { ...value, [key]: mutant };
  }
  yield { ...value, more: 1 };
}

/** What some mutants happen to be: messages that mean something. */
const kind = (value: unknown): string => (
  Array.isArray(value) ? `[${value.map(kind).join()}]` : typeof value === 'object' && value !== null ? `{${Object.keys(value).join()}}` : typeof value);

describe.each(cases)('the message $method of a page', ({ method, samples, readers }) => {
  const call = (params: unknown): object => ({ kind: 'call', id: 7, method, params });
  it('is heard where it is of its form', async () => {
    for (const params of samples) {
      const { answer, called, lines } = await send(method, readers, call(params));
      expect({ answer, called, lines }).toEqual({ answer: { kind: 'result', id: 7, value: undefined }, called: [params], lines: [] });
    }
  });
  it('is refused and logged where it is not, and its handler never sees it', async () => {
    const refused: string[] = [];
    for (const mutant of samples.flatMap((sample) => [...mutants(sample)])) {
      const { answer, called, lines } = await send(method, readers, call(mutant));
      if (called.length > 0) {
        // What is taken is a whole message of that form, and nothing of another.
        expect(samples.map((sample) => Object.keys(sample).join())).toContain(Object.keys(called[0] as object).join());
        expect(called).toEqual([mutant]);
        continue;
      }
      refused.push(kind(mutant));
      expect(answer).toMatchObject({ kind: 'failure', id: 7, error: { code: 'malformed' } });
      expect(lines).toEqual([`A message "${method}" was not of its form.`]);
    }
    expect(refused.length).toBeGreaterThanOrEqual(wrong.length - 1);
  });
});

describe('what is no message', () => {
  it.each([
    ...wrong, {}, { kind: 'call' }, { kind: 'call', id: 'a', method: 'ready' }, { kind: 'call', id: 1 }, { kind: 'call', id: 1, method: 7 },
    { kind: 'cancel' }, { kind: 'result' }, { kind: 'failure', id: 1 }, { kind: 'failure', id: 1, error: 'x' }, { kind: 'event' },
    { kind: 'constructor', id: 1 },
    { kind: 'call', id: 1, method: 'x'.repeat(1000) },
  ].map((message) => ({ message })))('is logged, and nothing else: %o', async ({ message }) => {
    const heard = await send('ready', inspectorReaders as Readers<never>, message);
    expect(heard).toEqual({ answer: null, called: [], lines: ['A message was of no known form.'] });
  });
  it('is a call of a method that every object has', async () => {
    for (const method of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      const { answer, called, lines } = await send('ready', inspectorReaders as Readers<never>, { kind: 'call', id: 1, method, params: {} });
      expect(answer).toMatchObject({ kind: 'failure', error: { code: 'unknown-method' } });
      expect({ called, lines: lines.length }).toEqual({ called: [], lines: 1 });
    }
  });
});
