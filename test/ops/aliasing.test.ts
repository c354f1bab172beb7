/** Kernels may write into what they are fed (batch normalisation in training mode does): neither feeds nor merged inputs may show it. */
import { describe, expect, it } from 'vitest';

import type { Graph } from '../../src/core/graph/graph';
import { renameNode } from '../../src/core/graph/inline';
import { loweringOf } from '../../src/core/ops/registry';
import { prepareForward } from '../../src/engine/planning/forward';
import type { Value } from '../../src/engine/runtime';
import { createSession } from '../../src/engine/runtime';
import { canonicalOpset, encodeModel } from '../../src/formats/onnx/encode';
import { feedsOf, graphOf, newest, unreadable } from './differentiate';
import { loweredSamples, samples, titleOf } from './samples';
import type { Sample } from './samples/sample';

async function run(graph: Graph, feeds: ReadonlyMap<string, Value>): Promise<ReadonlyMap<string, Value>> {
  const { graph: run, removed } = prepareForward(graph, 'training', 'run');
  expect(removed).toEqual([]);
  const opset = run.nodes.some(loweringOf) ? newest : canonicalOpset;
  const session = await createSession(encodeModel(run, unreadable, opset), { threads: 1, nodes: run.nodes.length });
  try {
    return await session.run(feeds, graph.outputs.map((output) => output.name));
  } finally {
    await session.release();
  }
}

function copied(values: ReadonlyMap<string, Value>): Map<string, Value> {
  return new Map([...values].map(([name, value]) => [name, { ...value, data: value.data.slice() }]));
}

/** Fed inputs of one type and shape, of which an exporter would make one where they are equal. */
function mergeable(sample: Sample): readonly (readonly [string, string])[] {
  const fed = [...sample.inputs].filter(([, { dtype, stored }]) => dtype === 'float32' && !stored);
  return fed.flatMap(([kept, a], i) => fed.slice(i + 1).flatMap(([gone, b]): readonly (readonly [string, string])[] => (
    a.shape.join() === b.shape.join() ? [[kept, gone]] : [])));
}

function merged(graph: Graph, kept: string, gone: string): Graph {
  return {
    ...graph, inputs: graph.inputs.filter(({ name }) => name !== gone),
    nodes: graph.nodes.map((node) => renameNode(node, (value) => (value === gone ? kept : value))),
  };
}

const all = [...samples, ...loweredSamples];
const runnable = (sample: Sample): boolean => prepareForward(graphOf(sample, 'float32'), 'training', 'run').removed.length === 0;

describe('every operator leaves what it is fed as it was', () => {
  it.each(all.filter(runnable).map((sample) => [titleOf(sample), sample] as const))('%s', async (_, sample) => {
    const graph = graphOf(sample, 'float32');
    const feeds = feedsOf(sample, 'float32');
    const before = copied(feeds);
    await run(graph, feeds);
    expect(feeds).toEqual(before);
  });
});

describe('inputs that are one tensor give what equal ones give', () => {
  const pairs = all.filter(runnable).flatMap((sample) => mergeable(sample).map(([kept, gone]) => (
    [`${titleOf(sample)}: ${kept} is ${gone}`, sample, kept, gone] as const)));

  it.each(pairs)('%s', async (_, sample, kept, gone) => {
    const graph = graphOf(sample, 'float32');
    const feeds = feedsOf(sample, 'float32');
    const value = feeds.get(kept) ?? unreadable(kept);
    const apart = await run(graph, copied(new Map([...feeds, [gone, value]])));
    const together = copied(feeds);
    together.delete(gone);
    expect(await run(merged(graph, kept, gone), together)).toEqual(apart);
  });

  it('has the pairs of batch normalisation', () => {
    expect(pairs.filter(([title]) => title.startsWith('BatchNormalization')).length).toBeGreaterThan(3);
  });
});
