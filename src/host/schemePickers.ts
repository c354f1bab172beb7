import * as vscode from 'vscode';

import { readOption } from '../core/initializers/options';
import { describeScheme, schemeDescriptions } from '../core/initializers/schemes';
import type { OptionDescription, SchemeId, SchemeOptions } from '../protocol/schemes';
import { isSchemeId } from '../protocol/schemes';
import type { ModelDocument } from './modelDocument';
import type { SchemeChoice } from './reinitialize';

/** The pickers stay when an editor that is just opening takes the focus. */
const steps = { ignoreFocusOut: true };
const title = (step: string): string => `Reinitialize Weights: ${step}`;

/** Asks for layers (unless they are given), scheme, parameters and seed; undefined where the user gives up. */
export async function pickChoice(document: ModelDocument, given: readonly string[] | null): Promise<SchemeChoice | undefined> {
  const scope: Scope | undefined = given === null ? await pickScope(document) : { layers: given };
  if (!scope) return undefined;
  const scheme = await pickScheme(document, scope.layers);
  if (!scheme) return undefined;
  const options = await pickOptions(scheme);
  if (!options) return undefined;
  const seed = await vscode.window.showInputBox({
    ...steps, title: title('seed'), value: '0', prompt: 'The same seed gives the same weights, everywhere. Enter shows a preview.',
    validateInput: (text) => (/^\d{1,15}$/.test(text) ? undefined : 'A whole number, such as 0.'),
  });
  return seed === undefined ? undefined : { scheme, options, seed: Number(seed), layers: scope.layers, replacesPicked: scope.replacesPicked ?? false };
}

type Scope = Pick<SchemeChoice, 'layers' | 'replacesPicked'>;

const shortList = (names: readonly string[]): string => `${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''}`;

async function pickScope(document: ModelDocument): Promise<Scope | undefined> {
  const report = document.report();
  const troubled = [...new Set((report?.diagnostics ?? []).flatMap((diagnostic) => (diagnostic.layer === null ? [] : [diagnostic.layer])))];
  const kernels = (report?.layers ?? []).filter((layer) => layer.weights.some((weight) => weight.role === 'kernel'));
  const all = `${document.layers.length} layers, biases and norms included`;
  const kept = [...document.picked].map(([layer, { scheme }]) => `${layer}: ${describeScheme(scheme).title}`);
  const single = kernels.map((layer) => ({ label: layer.name, description: `${layer.op} → ${layer.activation}`, layers: [layer.name] }));
  const names = new Set(document.layers.map(({ name }) => name));
  const selected = document.selected.filter((name) => names.has(name));
  const chosen = selected.length === 0 ? [] : [{
    label: selected.length === 1 ? 'Selected layer' : `${selected.length} selected layers`, description: shortList(selected), layers: selected,
  }];
  const items: (vscode.QuickPickItem & Scope & { readonly isSeveral?: true })[] = [
    ...(selected.length > 1 ? chosen : []),
    { label: 'All layers', description: `${all}${kept.length > 0 ? '; picked schemes stay' : ''}`, layers: null },
    ...(kept.length > 0 ? [{ label: 'All layers, picked schemes replaced', description: shortList(kept), layers: null, replacesPicked: true }] : []),
    ...(selected.length === 1 ? chosen : []),
    ...(troubled.length > 0 ? [{ label: 'Layers that need attention', description: shortList(troubled), layers: troubled }] : []),
    ...(kernels.length > 1 ? [{ label: 'Several layers…', layers: null, isSeveral: true as const }] : []),
    { label: 'Layers', kind: vscode.QuickPickItemKind.Separator, layers: null },
    ...single,
  ];
  const picked = await vscode.window.showQuickPick(items, { ...steps, title: title('which layers'), matchOnDescription: true });
  if (!picked?.isSeveral) return picked;
  const several = await vscode.window.showQuickPick(single, { ...steps, title: title('which layers'), matchOnDescription: true, canPickMany: true });
  return several && several.length > 0 ? { layers: several.flatMap(({ layers }) => layers) } : undefined;
}

async function pickScheme(document: ModelDocument, layers: readonly string[] | null): Promise<SchemeId | undefined> {
  const only = layers?.length === 1 ? document.report()?.layers.find((layer) => layer.name === layers[0]) : undefined;
  const advice = only?.weights.find((weight) => weight.role === 'kernel')?.recommendation;
  let group: string | null = null;
  const items = schemeDescriptions.flatMap((scheme): (vscode.QuickPickItem & { readonly id: SchemeId | null })[] => {
    if (!isSchemeId(scheme.id)) return [];
    const isAdvised = scheme.id === 'recommended' && advice;
    const item = {
      id: scheme.id,
      label: scheme.title,
      description: isAdvised ? advice.title : scheme.formula,
      detail: isAdvised ? `${advice.reason} (${advice.source})` : `${scheme.when} (${scheme.source})`,
    };
    const isNew = scheme.group !== group && scheme.id !== 'recommended';
    group = scheme.group;
    return isNew ? [{ id: null, label: scheme.group, kind: vscode.QuickPickItemKind.Separator }, item] : [item];
  });
  const picked = await vscode.window.showQuickPick(items, { ...steps, title: title('scheme'), matchOnDescription: true, matchOnDetail: true });
  return picked?.id ?? undefined;
}

/** The parameters of a scheme, one by one, until the first item takes them as they are. */
async function pickOptions(scheme: SchemeId): Promise<SchemeOptions | undefined> {
  const { options: described, title: name } = describeScheme(scheme);
  let chosen: SchemeOptions = {};
  while (described.length > 0) {
    const items: (vscode.QuickPickItem & { readonly option: OptionDescription | null })[] = [
      { label: 'Continue', description: `${name} with these parameters`, option: null },
      { label: 'Parameters', kind: vscode.QuickPickItemKind.Separator, option: null },
      ...described.map((option) => ({ label: option.id, description: valueOf(option, chosen), option })),
    ];
    const picked = await vscode.window.showQuickPick(items, { ...steps, title: title('parameters') });
    if (!picked) return undefined;
    if (!picked.option) return chosen;
    const changed = await askOption(picked.option, chosen);
    chosen = { ...chosen, ...changed };
  }
  return chosen;
}

function valueOf(option: OptionDescription, chosen: SchemeOptions): string {
  const value = chosen[option.id] ?? option.otherwise;
  if (value === null) return 'by the layer';
  const text = typeof value === 'number' ? String(Number(value.toPrecision(6))) : value;
  return chosen[option.id] === undefined ? `${text} (default)` : text;
}

/** Nothing where the user leaves it as it was. */
async function askOption(option: OptionDescription, chosen: SchemeOptions): Promise<SchemeOptions> {
  const known = chosen[option.id] ?? option.otherwise;
  const text = option.kind === 'choice'
    ? await vscode.window.showQuickPick([...option.choices], { ...steps, title: title(option.id) })
    : await vscode.window.showInputBox({
      ...steps, title: title(option.id), value: known === null ? '' : String(known),
      validateInput(given) {
        const read = readOption(option, given);
        return 'expected' in read ? `It takes ${read.expected}.` : undefined;
      },
    });
  const read = text === undefined ? null : readOption(option, text);
  return read && 'options' in read ? read.options : {};
}
