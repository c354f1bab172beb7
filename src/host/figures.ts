// Figures of the panel, written where the user wants them.

import * as vscode from 'vscode';

import { neededBy, refuseOutput, writeWhole } from '../formats/files/outputs';
import type { FigureFormat } from '../protocol/figures';
import { describeError } from '../protocol/rpc';
import { say } from '../protocol/words';
import type { ModelDocument } from './modelDocument';
import { notify } from './notifications';

const titles: Readonly<Record<FigureFormat, string>> = { svg: 'SVG', png: 'PNG', csv: 'CSV', json: 'JSON', html: 'HTML', md: 'Markdown' };
/** How long a word of something that worked stands in the status bar. */
const wordMs = 3000;

interface Figure {
  readonly name: string;
  readonly format: FigureFormat;
  readonly content: string;
}

export async function saveFigure(document: ModelDocument, { name, format, content }: Figure): Promise<void> {
  const stem = document.name.replace(/\.(onnx|keras|h5|hdf5|nam|json)$/, '');
  const words = name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '');
  const defaultUri = vscode.Uri.joinPath(document.uri, '..', `${stem}.${words}.${format}`);
  const target = await vscode.window.showSaveDialog({ title: say('Save {0}', titles[format]), defaultUri, filters: { [titles[format]]: [format] } });
  if (!target) return;
  try {
    await writeBeside(document, target, format === 'png' ? Buffer.from(content, 'base64') : Buffer.from(content));
    vscode.window.setStatusBarMessage(say('Saved {0}', target.path.replace(/^.*\//, '')), wordMs);
  } catch (error) {
    await notify.error(describeError(error).message);
  }
}

/** On a disk as a whole or not at all, and never over what the model is read from. */
export async function writeBeside({ opened }: ModelDocument, target: vscode.Uri, content: Uint8Array): Promise<void> {
  if (target.scheme !== 'file') return vscode.workspace.fs.writeFile(target, content);
  refuseOutput(target.fsPath, opened ? neededBy(opened.model) : []);
  await writeWhole(target.fsPath, content);
}

export function tellCopied({ what, problem }: { readonly what: string; readonly problem: string | null }): void {
  if (problem === null) vscode.window.setStatusBarMessage(say('Copied {0}', what), wordMs);
  else void notify.error(say('Could not copy {0}: {1}. Save a file instead.', what, problem));
}
