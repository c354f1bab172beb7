// Networks that the extension brings along, opened as copies: its own folder is not to be written to.

import * as vscode from 'vscode';

import { say } from '../protocol/words';
import type { ModelDocuments } from './modelDocuments';

/** Files of the extension, in the order in which a lecture meets them. */
const samples = [
  { name: 'deep-sigmoid-mlp', label: say('Deep sigmoid network'), detail: say('Dense layers before sigmoids: Xavier does not save it, a centred start does') },
  { name: 'deep-tanh-mlp', label: say('Deep tanh network'), detail: say('Dense layers before tanh, all 40 times too small') },
  { name: 'residual-cnn', label: say('Residual convolutional network'), detail: say('Convolutions with batch norms and shortcuts') },
  { name: 'transformer-block', label: say('Transformer'), detail: say('Attention, norms and a feed-forward layer') },
] as const;

/** The copy of a sample, as it was shipped unless it is open; undefined where the user gives up. Without a name it is asked for. */
export async function openedSample(extension: vscode.Uri, storage: vscode.Uri, documents: ModelDocuments, name: unknown): Promise<vscode.Uri | undefined> {
  const picked = typeof name === 'string' ? samples.find((sample) => sample.name === name)
    : await vscode.window.showQuickPick(samples, {
      title: say('Open Sample Network'), placeHolder: say('A copy is opened, to be changed at will'), matchOnDetail: true,
    });
  if (!picked) {
    if (typeof name === 'string') throw new Error(say('There is no sample {0}; there are {1}.', name, samples.map((sample) => sample.name).join(', ')));
    return undefined;
  }
  const file = `${picked.name}.onnx`;
  const copy = vscode.Uri.joinPath(storage, 'samples', file);
  if (!documents.find(copy)) await vscode.workspace.fs.copy(vscode.Uri.joinPath(extension, 'media/samples', file), copy, { overwrite: true });
  return copy;
}
