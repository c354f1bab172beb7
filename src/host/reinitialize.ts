import * as vscode from 'vscode';

import { createRecipes } from '../core/initializers/recipes';
import { schemeDescriptions } from '../core/initializers/schemes';
import type { SchemeId } from '../protocol/schemes';
import { isSchemeId } from '../protocol/schemes';
import type { ModelDocument } from './modelDocument';

/** Whoever tells VS Code that a document has a new edit. */
export interface EditAnnouncer {
  announce(document: ModelDocument, label: string, edit: { undo(): void; redo(): void }): void;
}

/** The pickers stay when an editor that is just opening takes the focus. */
const steps = { ignoreFocusOut: true };

export interface SchemeChoice {
  readonly scheme: SchemeId;
  readonly seed: number;
  /** Names of the layers, or null for all. */
  readonly layers: readonly string[] | null;
}

/** A choice given by a caller that no compiler has checked. */
export function readChoice(value: unknown): SchemeChoice | null {
  if (typeof value !== 'object' || value === null || !('scheme' in value)) return null;
  const { scheme } = value;
  const seed = 'seed' in value ? value.seed : 0;
  const layers = 'layers' in value ? value.layers : null;
  if (typeof scheme !== 'string' || !isSchemeId(scheme) || typeof seed !== 'number' || !Number.isSafeInteger(seed) || seed < 0) return null;
  if (layers === null) return { scheme, seed, layers };
  return Array.isArray(layers) ? { scheme, seed, layers: layers.map(String) } : null;
}

/** Draws new weights as one edit of the document, to be undone, redone and saved like any other. */
export function applyScheme(announcer: EditAnnouncer, document: ModelDocument, choice: SchemeChoice): void {
  if (document.readOnly !== null) {
    void vscode.window.showWarningMessage(document.readOnly);
    return;
  }
  const recipes = createRecipes(document.layers, { scheme: choice.scheme, seed: choice.seed, ...(choice.layers ? { layers: new Set(choice.layers) } : {}) });
  const title = schemeDescriptions.find((scheme) => scheme.id === choice.scheme)?.title ?? choice.scheme;
  const where = choice.layers?.length === 1 ? ` ${choice.layers[0] ?? ''}` : '';
  const label = `Reinitialize${where}: ${title}, seed ${choice.seed}`;
  const edit = document.edit({ label, recipes });
  if (edit) {
    announcer.announce(document, label, edit);
    if (edit.leftOut > 0) void vscode.window.showInformationMessage(partlySet(document.name, edit.leftOut, recipes.length));
  } else {
    const what = `${document.name}: there is no weight here that Initscope can set. The inspector says why each is left alone.`;
    void vscode.window.showInformationMessage(what);
  }
}

/** What looks done and is not has to be said: the kernels of some models are all computed by the graph. */
function partlySet(name: string, leftOut: number, all: number): string {
  return `${name}: ${leftOut} of ${all} tensors stay as they are, since the file holds no values of theirs that could be overwritten. The others are set.`;
}

/** Asks for what, how and with which seed by VS Code's own pickers, then applies it. Escape leaves everything as it is. */
export async function pickAndApply(announcer: EditAnnouncer, document: ModelDocument, given: readonly string[] | null): Promise<void> {
  if (document.readOnly !== null) {
    await vscode.window.showWarningMessage(document.readOnly);
    return;
  }
  const scope = given === null ? await pickScope(document) : { layers: given };
  if (!scope) return;
  const scheme = await pickScheme(document, scope.layers);
  if (!scheme) return;
  const seed = await vscode.window.showInputBox({
    ...steps, title: 'Reinitialize Weights: seed (3/3)', value: '0', prompt: 'The same seed gives the same weights, everywhere.',
    validateInput: (text) => (/^\d{1,15}$/.test(text) ? undefined : 'A whole number, such as 0.'),
  });
  if (seed !== undefined) applyScheme(announcer, document, { scheme, seed: Number(seed), layers: scope.layers });
}

async function pickScope(document: ModelDocument): Promise<{ readonly layers: readonly string[] | null } | undefined> {
  const report = document.report();
  const troubled = [...new Set((report?.diagnostics ?? []).flatMap((diagnostic) => (diagnostic.layer === null ? [] : [diagnostic.layer])))];
  const kernels = (report?.layers ?? []).filter((layer) => layer.weights.some((weight) => weight.role === 'kernel'));
  const items: (vscode.QuickPickItem & { readonly layers: readonly string[] | null })[] = [
    { label: 'All layers', description: `${document.layers.length} layers, biases and norms included`, layers: null },
    ...(troubled.length > 0 ? [{ label: 'Layers that need attention', description: troubled.slice(0, 4).join(', '), layers: troubled }] : []),
    { label: 'Layers', kind: vscode.QuickPickItemKind.Separator, layers: null },
    ...kernels.map((layer) => ({ label: layer.name, description: `${layer.op} → ${layer.activation}`, layers: [layer.name] })),
  ];
  return vscode.window.showQuickPick(items, { ...steps, title: 'Reinitialize Weights: which layers (1/3)', matchOnDescription: true });
}

async function pickScheme(document: ModelDocument, layers: readonly string[] | null): Promise<SchemeId | undefined> {
  const only = layers?.length === 1 ? document.report()?.layers.find((layer) => layer.name === layers[0]) : undefined;
  const advice = only?.weights.find((weight) => weight.role === 'kernel')?.recommendation;
  const items = schemeDescriptions.flatMap((scheme) => (isSchemeId(scheme.id) ? [{
    id: scheme.id,
    label: scheme.title,
    description: scheme.id === 'recommended' && advice ? advice.title : scheme.formula,
    detail: scheme.id === 'recommended' && advice ? `${advice.reason} (${advice.source})` : `${scheme.when} (${scheme.source})`,
  }] : []));
  const options = { ...steps, title: 'Reinitialize Weights: scheme (2/3)', matchOnDescription: true, matchOnDetail: true };
  const picked = await vscode.window.showQuickPick(items, options);
  return picked?.id;
}
