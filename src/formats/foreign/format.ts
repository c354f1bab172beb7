// JSON files that hold no network which can be read: what they are, in a sentence, and what to do.

import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { Format } from '../format';
import { looksLikeJson, scanJson } from '../json/scan';
import { JsonView } from '../json/view';

interface Kind {
  /** Whether it is one, asked of the outermost object. */
  readonly is: (root: JsonView) => boolean;
  /** What it is, behind the name of the file. */
  readonly what: string;
  readonly remedy: string;
}

const has = (...keys: readonly string[]) => (root: JsonView): boolean => keys.every((key) => root.find(key) !== null);
const kindAt = (view: JsonView | null, key: string): string | undefined => view?.find(key)?.value.kind;

/** From the particular to the general: the first that fits tells. */
const kinds: readonly Kind[] = [
  {
    is: has('nodes', 'arg_nodes', 'heads', 'node_row_ptr'),
    what: 'is a graph of TVM, whose weights are in a file of parameters', remedy: 'Open the model it was compiled from.',
  },
  {
    is: has('nodes', 'arg_nodes', 'heads'),
    what: 'is a symbol of MXNet, whose weights are in a .params file', remedy: 'Export it to ONNX (mxnet.onnx.export_model), and open that.',
  },
  {
    is: (root) => kindAt(root.find('base_code'), 'magic') === 'string',
    what: 'is a program of Paddle, whose weights are in a .pdiparams file', remedy: 'Export it to ONNX (paddle2onnx), and open that.',
  },
  { is: has('weight_map'), what: 'is an index of files that hold weights, and no network', remedy: 'Open the model beside it.' },
  { is: has('learner', 'version'), what: 'is a model of XGBoost, whose trees have no weights that are initialised', remedy: 'Open a neural network.' },
  {
    is: (root) => kindAt(root, 'architectures') === 'array' || kindAt(root, 'model_type') === 'string',
    what: 'is a configuration of Hugging Face, which has neither layers nor weights', remedy: 'Export the model to ONNX (optimum-cli), and open that.',
  },
  {
    is: (root) => kindAt(root, 'confs') === 'array' || kindAt(root, 'vertexInputs') === 'object',
    what: 'is a configuration of Deeplearning4j, whose weights are beside it', remedy: 'Export the network to ONNX, and open that.',
  },
  { is: has('neurons', 'connections'), what: 'is a network of synaptic: neurons one by one, and no layers', remedy: 'Build it in layers, and export that.' },
  {
    is: has('nodes', 'connections', 'input', 'output'),
    what: 'is a network of neataptic: nodes one by one, and no layers', remedy: 'Build it in layers, and export that.',
  },
];

/** A text in quotes that holds an object, as JSON.stringify makes of what is a text already. */
const isQuoted = (head: string): boolean => /^\s*"\s*(\\[nrt]|\s)*\{/.test(head);

export const foreignFormat: Format = {
  recognises: ({ head }) => looksLikeJson(head) || isQuoted(head),
  read({ source, head }) {
    if (isQuoted(head)) {
      throw new Failure('foreign-file', say(
        '{0} is a JSON text in quotes, which holds another one. Write the text itself, as model.toJSON() of TensorFlow.js gives it.', source.name));
    }
    // What is wrong with it, where it breaks off.
    const root = JsonView.of(scanJson(source));
    const kind = kinds.find(({ is }) => is(root));
    if (kind) throw new Failure('foreign-file', `${source.name} ${kind.what}. ${kind.remedy}`);
    throw new Failure('foreign-file', say('{0} is JSON, and no network that is known: the JSON formats that are read are those of ONNX, Keras, '
      + 'TensorFlow.js, Neural Amp Modeler, RTNeural, lwtnn, ConvNetJS, frugally-deep and brain.js, and texts with the key "initscope". '
      + 'Open one of these, or an ONNX file.', source.name));
  },
  completed: (_, replacements) => replacements,
  relocated: () => [],
  recorded: () => ({ replacements: [], append: null }),
};
