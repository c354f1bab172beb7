// Models of frugally-deep, which runs what Keras has trained in C++: the configuration of Keras 3, and its weights in base64.

import { recordKey } from '../../core/edits/record';
import { GraphBuilder } from '../../core/graph/builder';
import type { Graph, Node } from '../../core/graph/graph';
import { renameNode } from '../../core/graph/inline';
import type { Diagnostic } from '../../protocol/report';
import type { ByteSource } from '../files/byteSource';
import { inOrder, replaceBy } from '../files/replacement';
import type { Candidate, Format } from '../format';
import { plainOf } from '../json/plain';
import { scanJson } from '../json/scan';
import { JsonView } from '../json/view';
import { Fields } from '../keras/fields';
import { dialectOf, kerasProducer } from '../keras/format';
import { modelOf } from '../keras/model';
import { lowerNetwork } from '../keras/network';
import { readRecordText, recordInText } from '../lowering/record';
import type { StoredVariable } from './weights';
import { storedVariables } from './weights';

const testsKey = 'tests';
/** What they are called while the weights are others: a key that the library does not ask for. */
const setAside = 'initscope.tests';

export const fdeepFormat: Format = {
  recognises(file) {
    const root = rootOf(file);
    return root?.find('architecture')?.find('class_name')?.value.kind === 'string' && root.find('trainable_params')?.value.kind === 'object';
  },
  read(file) {
    const { source } = file;
    const [document, root] = [file.json(), rootOf(file)];
    if (!document || !root) throw new Error(`${source.name} was not recognised.`);
    const architecture = plainOf(document, root.get('architecture').value);
    const dialect = dialectOf(architecture);
    const entries = root.get('trainable_params');
    const stored = new Map<string, StoredVariable>();
    const network = lowerNetwork(new Fields(source.name, 'architecture', architecture), dialect, (variables) => {
      const found = storedVariables(entries, variables);
      for (const [{ value }, each] of found) stored.set(value, each);
      return new Map([...found].map(([variable, { tensor }]) => [variable, tensor] as const));
    });
    const record = readRecordText(root);
    const metadata = new Map(record === null ? [] : [[recordKey, record]]);
    const graph = turned(network.graph, stored);
    const producer = `frugally-deep, from ${kerasProducer(dialect)}`;
    return modelOf({ ...network, graph }, { file: source.name, format: 'fdeep', producer, metadata, findings: testFindings(root) });
  },
  completed: (_, replacements) => replacements,
  relocated: () => [],
  recorded(source, record) {
    const { replacements, append } = recordInText(source, record);
    return { replacements: inOrder([...replacements, ...renamedTests(source, record !== null)], source.name), append };
  },
};

/** Null where the file is no JSON. */
function rootOf(file: Candidate): JsonView | null {
  const document = file.json();
  return document && JsonView.of(document);
}

/** The graph with what is stored in another order of axes in that of Keras. */
function turned(graph: Graph, stored: ReadonlyMap<string, StoredVariable>): Graph {
  const builder = new GraphBuilder({ ...graph, nodes: [] });
  const renamed = new Map([...stored].flatMap(([name, { axes }]) => (axes ? [[name, builder.add('Transpose', [name], { perm: axes })] as const] : [])));
  const nodes = graph.nodes.map((node): Node => renameNode(node, (value) => renamed.get(value) ?? value));
  for (const node of nodes) builder.append(node);
  return builder.build();
}

function testFindings(root: JsonView): readonly Diagnostic[] {
  if (!root.find(testsKey)) return [];
  return [{
    severity: 'info', code: 'embedded-tests', layer: null, remedy: 'Leave them so, or convert the network again.',
    message: 'The file has tests of what its weights answer, by which frugally-deep would refuse others: '
      + `a save that records new ones calls them "${setAside}".`,
  }];
}

/** Sets the tests aside, or puts them back, by their key alone. */
function renamedTests(source: ByteSource, isOther: boolean): ReturnType<Format['recorded']>['replacements'] {
  const { root } = scanJson(source);
  if (root.kind !== 'object') return [];
  const [before, after] = isOther ? [testsKey, setAside] : [setAside, testsKey];
  const entry = root.entries.get(before);
  return entry ? [replaceBy(entry.key.start, entry.key.end, new TextEncoder().encode(JSON.stringify(after)), 'the tests')] : [];
}
