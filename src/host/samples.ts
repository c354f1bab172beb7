// Networks that the extension brings along, opened as copies: its own folder is not to be written to.

import * as vscode from 'vscode';

import { say } from '../protocol/words';
import type { ModelDocuments } from './modelDocuments';

/** Files of the extension, in the order in which a lecture meets them. */
const offered = [
  { name: 'deep-sigmoid-mlp', label: say('Deep sigmoid network'), detail: say('Dense layers before sigmoids: Xavier does not save it, a centred start does') },
  { name: 'deep-tanh-mlp', label: say('Deep tanh network'), detail: say('Dense layers before tanh, all 40 times too small') },
  { name: 'residual-cnn', label: say('Residual convolutional network'), detail: say('Convolutions with batch norms and shortcuts') },
  { name: 'transformer-block', label: say('Transformer'), detail: say('Attention, norms and a feed-forward layer') },
];

/** Of these experiments have a copy, too. */
const templates = ['deep-sigmoid', 'deep-relu'];

/** The copy of a sample, as it was shipped unless it is open; undefined where the user gives up. Without a name it is asked for. */
export async function openedSample(extension: vscode.Uri, storage: vscode.Uri, documents: ModelDocuments, name: unknown): Promise<vscode.Uri | undefined> {
  const known = [...offered.map((sample) => sample.name), ...templates];
  const picked = typeof name === 'string' ? known.find((each) => each === name)
    : (await vscode.window.showQuickPick(offered, {
      title: say('Open Sample Network'), placeHolder: say('A copy is opened, to be changed at will'), matchOnDetail: true,
    }))?.name;
  if (picked === undefined) {
    if (typeof name === 'string') throw new Error(say('There is no sample {0}; there are {1}.', name, known.join(', ')));
    return undefined;
  }
  const isTemplate = templates.includes(picked);
  const file = isTemplate ? `${picked}.initscope.json` : `${picked}.onnx`;
  const copy = vscode.Uri.joinPath(storage, 'samples', file);
  const shipped = vscode.Uri.joinPath(extension, isTemplate ? 'media/templates' : 'media/samples', file);
  if (!documents.find(copy)) await vscode.workspace.fs.copy(shipped, copy, { overwrite: true });
  return copy;
}
