/** What exporters put in front of a network and behind it for whoever uses it: scales of columns, and labels of answers. */
import { describe, expect, it } from 'vitest';

import { openModelFile } from '../../../../src/formats/openModel';
import { at, initscope } from '../../support/command';
import { present } from '../../support/graphs';
import { attribute, concat, floatBytes, int, loneFloats, model, node, packedInts, raw, tensor, text, types, valueInfo } from '../../support/protobuf';
import { createFolder, createWriter } from '../../support/temporary';

const folder = createFolder();
const write = createWriter(folder);

const ml = (each: Uint8Array): Uint8Array => concat(each, text(7, 'ai.onnx.ml'));
const weight = (name: string, shape: readonly number[]): Uint8Array => (
  tensor(name, types.float32, shape, raw(floatBytes(Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 37) % 101) / 128 - 0.4)))));
const labels = tensor('classes', types.string, [3], text(6, 'a'), text(6, 'b'), text(6, 'c'));

/** As scikit-learn's classifiers are converted: probabilities in a list of maps, and the label of the largest. */
const behind = (probabilities: string): readonly Uint8Array[] => [
  node('ArgMax', [probabilities], ['largest'], [attribute('axis', 2, int(3, 1))]),
  ml(node('ZipMap', [probabilities], ['output_probability'])),
  ml(node('ArrayFeatureExtractor', ['classes', 'largest'], ['picked'])),
  node('Reshape', ['picked', 'flat'], ['label']), node('Identity', ['label'], ['output_label']),
];
const classifier = (answer: string, before: readonly Uint8Array[] = [], x = 'x'): Uint8Array => model({
  nodes: [
    ...before, node('MatMul', [x, 'w1'], ['h']), node('Relu', ['h'], ['r']), node('MatMul', ['r', 'w2'], ['z']), node('Add', ['z', 'b2'], ['logits']),
    node(answer, ['logits'], ['p']), ...behind('p'),
  ],
  initializers: [weight('w1', [6, 8]), weight('w2', [8, 3]), weight('b2', [3]), labels, tensor('flat', types.int64, [1], packedInts(7, [-1]))],
  inputs: [valueInfo('x', ['n', 6])], outputs: [valueInfo('output_label', ['n'], types.string), valueInfo('output_probability', [])],
});

describe('what makes labels of answers', () => {
  it.each(['Softmax', 'Sigmoid'])('is cut off, and the head before it found: %s', async (answer) => {
    const file = write(`${answer}.onnx`, classifier(answer));
    const { layers, findings, graph } = openModelFile(file);
    expect(layers.map(({ activation, isHead }) => [activation?.name, isHead])).toEqual([['Relu', false], [answer, true]]);
    expect(graph.outputs.map(({ name }) => name)).toEqual(['p']);
    expect(findings.map(({ code }) => code)).toEqual(['post-processing']);
    const { out, err } = await initscope('simulate', file, '--json');
    expect(err).toBe('');
    expect(at(out, 'unsupported')).toEqual([]);
    expect(at(out, 'notes', 0)).toContain('(ZipMap, ArrayFeatureExtractor) is cut off, and p taken for an output of the network');
    expect(at(out, 'runs', 0, 'layers', 0, 'weights', 0, 'gradient', 'variance')).toBeGreaterThan(0);
  });

  it('leaves a network alone that texts are made for', () => {
    const file = write('looked up.onnx', model({
      nodes: [ml(node('LabelEncoder', ['x'], ['id'])), node('Gather', ['table', 'id'], ['y'])], initializers: [weight('table', [6, 8])],
      inputs: [valueInfo('x', ['n'], types.string)], outputs: [valueInfo('y', ['n', 8])],
    }));
    const { graph, findings } = openModelFile(file);
    expect(graph.nodes).toHaveLength(2);
    expect(findings.map(({ code }) => code)).toEqual(['unknown-operator']);
  });

  it('is cut off where it writes numbers as text', () => {
    const file = write('text.onnx', model({
      nodes: [node('MatMul', ['x', 'w1'], ['h']), node('Cast', ['h'], ['y'], [attribute('to', 2, int(3, types.string))])],
      initializers: [weight('w1', [6, 8])], inputs: [valueInfo('x', ['n', 6])], outputs: [valueInfo('y', ['n', 8], types.string)],
    }));
    const { layers, graph } = openModelFile(file);
    expect([layers[0]?.isHead, graph.outputs[0]?.name]).toEqual([true, 'h']);
  });
});

it('what scales columns in front of a network is run', async () => {
  const scale = (name: string, values: readonly number[]): Uint8Array => attribute(name, 6, loneFloats(7, values));
  const scaler = ml(node('Scaler', ['x'], ['scaled'], [scale('offset', [1, 2, 3, 4, 5, 6]), scale('scale', [0, 0, 0, 0, 0, 0])]));
  const file = write('scaled.onnx', classifier('Softmax', [scaler], 'scaled'));
  expect(openModelFile(file).findings.map(({ code }) => code)).toEqual(['post-processing']);
  const { out } = await initscope('simulate', file, '--json');
  expect(at(out, 'runs', 0, 'layers', 0, 'preactivation', 'zeros')).toBe(at(out, 'runs', 0, 'layers', 0, 'preactivation', 'count'));
});

it('an operator that no operator set has is named like those of other domains', async () => {
  const file = write('lgamma.onnx', model({
    nodes: [node('MatMul', ['x', 'w1'], ['h']), node('Lgamma', ['h'], ['e']), node('MatMul', ['e', 'w2'], ['y'])],
    initializers: [weight('w1', [6, 8]), weight('w2', [8, 3])], inputs: [valueInfo('x', ['n', 6])], outputs: [valueInfo('y', ['n', 3])],
  }));
  expect(present(openModelFile(file).findings[0]).message).toContain('A node calls Lgamma, which Initscope does not know');
  const { out } = await initscope('simulate', file, '--json');
  expect(at(out, 'unsupported', 0, 'reason')).toBe('Lgamma is not a standard ONNX operator');
});
