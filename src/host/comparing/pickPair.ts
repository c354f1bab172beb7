// The two models that are to be compared, and how they are opened.

import * as vscode from 'vscode';

import { say } from '../../protocol/words';
import { notify } from '../notifications';
import { pickModel } from '../pickModel';
import { inspectorViewType, viewTypeOf } from '../viewTypes';
import type { Comparisons } from './comparisons';

export interface Pair {
  readonly left: vscode.Uri;
  readonly right: vscode.Uri;
}

const nameOf = ({ path }: vscode.Uri): string => path.replace(/^.*\//, '');

/** Two that are given, in that order; else one that is given, or the active one, is the right one, and what it is compared with is asked for. */
export async function pickPair([first, second]: readonly vscode.Uri[], active: vscode.Uri | undefined): Promise<Pair | undefined> {
  const one = first ?? active ?? await pickModel(say('Compare Models: the Present One'));
  if (!one) return undefined;
  const pair = first && second ? { left: first, right: second } : { right: one, left: await pickModel(say('Compare {0} With…', nameOf(one))) };
  if (!pair.left) return undefined;
  if (pair.left.toString() === pair.right.toString()) {
    void notify.information(say('{0} is one model: choose another one to compare it with.', nameOf(one)));
    return undefined;
  }
  return { left: pair.left, right: pair.right };
}

/** By a diff of VS Code's, which opens our editor where nothing else opens both files; else beside each other. */
export async function openPair(comparisons: Comparisons, { left, right }: Pair): Promise<void> {
  if ([left, right].every((uri) => viewTypeOf(uri) === inspectorViewType)) {
    await vscode.commands.executeCommand('vscode.diff', left, right, `${nameOf(left)} ↔ ${nameOf(right)}`);
    return;
  }
  comparisons.pairBeside(left, right);
  await vscode.commands.executeCommand('vscode.openWith', left, viewTypeOf(left), { viewColumn: vscode.ViewColumn.One, preview: false });
  await vscode.commands.executeCommand('vscode.openWith', right, viewTypeOf(right), { viewColumn: vscode.ViewColumn.Two, preview: false });
}
