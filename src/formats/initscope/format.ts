// Networks of our own language, *.initscope.json: layers and how their weights start, which a student writes by hand.

import { Failure } from '../../protocol/failure';
import type { Diagnostic } from '../../protocol/report';
import type { Model } from '../../core/graph/graph';
import type { Format } from '../format';
import type { JsonDocument } from '../json/scan';
import { scanJson } from '../json/scan';
import { JsonView } from '../json/view';
import { deadEnds } from './deadEnds';
import { declareWeights, placesOf } from './declare';
import { declareRecipes } from './declaring';
import { readInitializers } from './initializers';
import type { Input } from './inputs';
import { readInput } from './inputs';
import { activationNames } from './layers/activations';
import type { Lowered } from './network';
import { lowerNetwork } from './network';
import { readName } from './places';
import { Written, refusal } from './written';

/** Of the language. */
const version = 1;
/** The operator set that graphs are written in, and the IR version that goes with it. */
const [opset, irVersion] = [21, 10];

export const networkKeys = [
  '$schema', 'initscope', 'name', 'description', 'comment', 'input', 'inputs', 'activation', 'initializer', 'layers', 'outputs',
] as const;

export const initscopeFormat: Format = {
  recognises(file) {
    const root = file.json()?.root;
    return root?.kind === 'object' && root.entries.has('initscope');
  },
  read(file) {
    const document = file.json();
    if (!document) throw new Error(`${file.source.name} is no network of Initscope.`);
    const { graph, weights } = readNetwork(document);
    const own = declareWeights(graph, weights, placesOf(graph, weights));
    const model: Model = {
      file: file.source.name, format: 'initscope', producer: `Initscope ${version}`, irVersion, opsets: new Map([['', opset]]), metadata: new Map(),
      graph: own, learned: null, functions: [], external: [],
    };
    return { model, graph: own, findings: [...notesOf(document), ...deadEnds(own)] };
  },
  completed: (_, replacements) => replacements,
  relocated: () => [],
  declare(source, _, recipes) {
    const document = scanJson(source);
    const { graph, weights } = readNetwork(document);
    return declareRecipes({ document, weights, places: placesOf(graph, weights) }, recipes);
  },
  recorded: () => ({ replacements: [], append: null }),
};

function readNetwork(document: JsonDocument): Lowered {
  const root = JsonView.of(document, 'Correct it there.');
  const written = new Written(root, networkKeys, 'a network');
  refuseVersion(written);
  for (const key of ['name', 'description', 'comment', '$schema']) written.find(key)?.text();
  return lowerNetwork({
    root, inputs: readInputs(written), name: written.find('name')?.text() ?? '', layers: root.get('layers'), outputs: written.find('outputs'),
    initializers: [readInitializers(written.find('initializer'))],
    activation: written.word('activation', activationNames, 'activation', 'linear'),
  });
}

function refuseVersion({ view }: Written): void {
  const found = view.get('initscope');
  const number = found.whole(1);
  if (number === version) return;
  throw new Failure('unsupported', `${view.file}: ${found.place} is ${number}, and this Initscope reads version ${version}. Install a newer one.`);
}

/** One that is called "input", or several by their names. */
function readInputs(written: Written): readonly [Input, ...Input[]] {
  const [single, several] = [written.find('input'), written.find('inputs')];
  if (single && several) throw refusal(several, 'stands beside "input"', 'Take one of both out.');
  if (single) return [readInput('input', single)];
  if (!several) return [readInput('input', written.view.get('input'))];
  const [first, ...others] = several.entries().map(([name, view]) => readInput(readName(view, name), view));
  if (!first) throw several.wrong('an object with at least one input', 'empty');
  return [first, ...others];
}

/** What the text has that not every reader takes: keys that stand twice. */
function notesOf({ notes }: JsonDocument): readonly Diagnostic[] {
  return notes.map((note): Diagnostic => ({
    severity: 'warning', code: 'odd-json', layer: null, message: `The text has ${note}.`,
    remedy: 'Of a key that stands twice, the last one counts: take the other out.',
  }));
}
