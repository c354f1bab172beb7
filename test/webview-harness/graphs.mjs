/** Made-up graphs of layers, and the answer of a host that is asked for one. */

const layer = (name, op = 'Conv') => ({ kind: 'layer', name, op, signal: { layer: name, place: 'activation' } });

export function chainOf(layers) {
  const nodes = [{ kind: 'input', name: 'x', op: '', signal: null }, ...layers.map((name) => layer(name, 'Gemm')), { kind: 'output', name: 'y', op: '', signal: null }];
  return { nodes, edges: nodes.slice(1).map((_, at) => [at, at + 1]), blocks: [] };
}

/** Residual blocks of three convolutions, stage by stage. */
export function residualOf(stages, blocksPerStage) {
  const nodes = [{ kind: 'input', name: 'images', op: '', signal: null }, layer('stem')];
  const edges = [[0, 1]];
  const blocks = [];
  let before = 1;
  const add = (node, ...sources) => {
    for (const source of sources) edges.push([source, nodes.length]);
    return nodes.push(node) - 1;
  };
  for (let stage = 1; stage <= stages; stage++) {
    const outer = blocks.push({ name: `layer${stage}`, first: nodes.length, end: 0, parent: null }) - 1;
    for (let block = 0; block < blocksPerStage; block++) {
      const name = `layer${stage}.${block}`;
      const inner = blocks.push({ name, first: nodes.length, end: 0, parent: outer }) - 1;
      let at = before;
      for (const part of ['conv1', 'conv2', 'conv3']) at = add(layer(`${name}.${part}`), at);
      const skip = block === 0 ? add(layer(`${name}.downsample`), before) : before;
      before = add({ kind: 'join', name: `${name}/Add`, op: 'Add', signal: { layer: `${name}.conv3`, place: 'activation' } }, at, skip);
      blocks[inner].end = nodes.length;
    }
    blocks[outer].end = nodes.length;
  }
  add({ kind: 'output', name: 'logits', op: '', signal: null }, add(layer('fc', 'Gemm'), before));
  return { nodes, edges, blocks };
}

export const layersOf = (graph) => graph.nodes.filter(({ kind }) => kind === 'layer').map(({ name }) => name);

/** Shows the graph, as soon as the page has asked for it. */
export async function showGraph(page, graph) {
  if (await page.locator('[data-testid="graph-pane"]').isHidden()) await page.click('[data-testid="show-graph"]');
  const ask = () => window.posted.findLast(({ kind, method }) => kind === 'call' && method === 'layerGraph');
  await page.waitForFunction(ask);
  await page.evaluate((value) => {
    const { id } = window.posted.findLast(({ kind, method }) => kind === 'call' && method === 'layerGraph');
    window.postMessage({ kind: 'result', id, value: { graph: value } }, '*');
  }, graph);
  await page.locator('[data-testid="graph-output"]').first().waitFor({ state: 'attached' });
}
