import * as vscode from 'vscode';

import { readOption } from '../core/initializers/options';
import { describeScheme, schemeDescriptions } from '../core/initializers/schemes';
import type { LayerReport } from '../protocol/report';
import type { OptionDescription, SchemeId, SchemeOptions } from '../protocol/schemes';
import { isSchemeId } from '../protocol/schemes';
import { groupTitle } from '../protocol/schemeGroups';
import { roleWord } from '../protocol/weightWords';
import { say } from '../protocol/words';
import type { ModelDocument } from './modelDocument';
import type { Answer, Place } from './multiStep';
import { about, askForItem, askForItems, askForText, askInTurn } from './multiStep';
import type { SchemeChoice } from './reinitialize';

/** What is settled already, and is not asked for. */
export interface Settled {
  /** Names, or null for all. */
  readonly layers?: readonly string[] | null;
  readonly scheme?: SchemeId;
  /** Parameters of that scheme, proposed and asked for all the same. */
  readonly options?: SchemeOptions;
  /** Proposed, and asked for all the same. */
  readonly seed?: number;
}

/** Asks for layers, scheme, parameters and seed, as far as they are not settled and mean something; undefined where the user gives up. */
export async function pickChoice(document: ModelDocument, settled: Settled): Promise<SchemeChoice | undefined> {
  let scope: Scope | undefined = settled.layers === undefined ? undefined : { layers: settled.layers };
  let { scheme } = settled;
  let options: SchemeOptions = settled.options ?? {};
  let seed = String(settled.seed ?? 0);
  const isComplete = await askInTurn(say('Reinitialize Weights'), [{
    isAsked: () => settled.layers === undefined,
    async ask(place) {
      const answer = await askForScope(place, document);
      if (isValue(answer)) scope = answer.value;
      return answer;
    },
  }, {
    isAsked: () => settled.scheme === undefined,
    async ask(place) {
      const answer = await askForScheme(place, document, scope?.layers ?? null, scheme);
      if (isValue(answer) && answer.value !== scheme) [scheme, options] = [answer.value, {}];
      return answer;
    },
  }, {
    isAsked: () => scheme === undefined || describeScheme(scheme).options.length > 0,
    async ask(place) {
      const answer = await askForOptions(place, scheme ?? 'recommended', options);
      if (isValue(answer)) options = answer.value;
      return answer;
    },
  }, {
    // What a text declares is drawn anew for every seed.
    isAsked: () => !document.isDeclared,
    async ask(place) {
      const answer = await askForText(about(place, say('seed')), {
        value: seed, prompt: say('{0}, {1}. The same seed gives the same weights, everywhere. Enter shows a preview.',
          describeScheme(scheme ?? 'recommended').title, scopeInWords(scope)),
        refuse: (text) => (/^\d{1,15}$/.test(text) ? undefined : say('A whole number of at most 15 digits, such as 0.')),
      });
      if (isValue(answer)) seed = answer.value;
      return answer;
    },
  }]);
  if (!isComplete || !scope || scheme === undefined) return undefined;
  return { scheme, options, seed: Number(seed), layers: scope.layers, replacesPicked: scope.replacesPicked ?? false };
}

type Scope = Pick<SchemeChoice, 'layers' | 'replacesPicked'>;

const isValue = <T>(answer: Answer<T>): answer is { readonly value: T } => typeof answer === 'object';

const shortList = (names: readonly string[]): string => `${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''}`;

function scopeInWords(scope: Scope | undefined): string {
  if (!scope?.layers) return say('all layers');
  return scope.layers.length === 1 ? say('layer {0}', scope.layers[0] ?? '') : say('{0} layers', scope.layers.length);
}

async function askForScope(place: Place, document: ModelDocument): Promise<Answer<Scope>> {
  const report = document.report();
  const troubled = [...new Set((report?.diagnostics ?? []).flatMap((diagnostic) => (diagnostic.layer === null ? [] : [diagnostic.layer])))];
  const drawable = (report?.layers ?? []).filter((layer) => layer.weights.some((weight) => weight.recommendation));
  const kept = [...document.picked].map(([layer, { scheme }]) => `${layer}: ${describeScheme(scheme).title}`);
  const single = drawable.map((layer) => ({ label: layer.name, description: layerInWords(layer), layers: [layer.name] }));
  const names = new Set(document.layers.map(({ name }) => name));
  const selected = document.selected.filter((name) => names.has(name));
  const chosen = selected.length === 0 ? [] : [{
    label: selected.length === 1 ? say('Selected layer') : say('{0} selected layers', selected.length), description: shortList(selected), layers: selected,
  }];
  const items: (vscode.QuickPickItem & Scope & { readonly isSeveral?: true })[] = [
    ...(selected.length > 1 ? chosen : []),
    { label: say('All layers'), description: allInWords(document.layers.length, kept.length > 0), layers: null },
    ...(kept.length > 0 ? [{ label: say('All layers, picked schemes replaced'), description: shortList(kept), layers: null, replacesPicked: true }] : []),
    ...(selected.length === 1 ? chosen : []),
    ...(troubled.length > 0 ? [{ label: say('Layers that need attention'), description: shortList(troubled), layers: troubled }] : []),
    ...(single.length > 1 ? [{ label: say('Several layers…'), layers: null, isSeveral: true as const }] : []),
    { label: say('Layers'), kind: vscode.QuickPickItemKind.Separator, layers: null },
    ...single,
  ];
  for (;;) {
    const picked = await askForItem(about(place, say('which layers')), items);
    if (!isValue(picked) || !picked.value.isSeveral) return picked;
    const several = await askForItems({ ...about(place, say('which layers')), canGoBack: true }, single, { placeholder: say('Layers to draw') });
    if (several === undefined) return undefined;
    if (isValue(several) && several.value.length > 0) return { value: { layers: several.value.flatMap(({ layers }) => layers) } };
  }
}

function allInWords(count: number, staysPicked: boolean): string {
  return staysPicked ? say('{0} layers, biases and norms included; picked schemes stay', count) : say('{0} layers, biases and norms included', count);
}

/** "Gemm → Tanh", "Gather · embedding", "BatchNormalization · gamma, beta" */
function layerInWords({ op, activation, weights }: LayerReport): string {
  const roles = [...new Set(weights.map(({ role }) => role))];
  return roles.some((role) => role === 'kernel' || role === 'recurrent') ? `${op} → ${activation}` : `${op} · ${roles.map(roleWord).join(', ')}`;
}

type SchemeItem = vscode.QuickPickItem & { readonly id: SchemeId | null };

async function askForScheme(
  place: Place, document: ModelDocument, layers: readonly string[] | null, before: SchemeId | undefined,
): Promise<Answer<SchemeId>> {
  const only = layers?.length === 1 ? document.report()?.layers.find((layer) => layer.name === layers[0]) : undefined;
  const advice = only?.weights.find((weight) => weight.recommendation)?.recommendation;
  let group: string | null = null;
  const items = schemeDescriptions.flatMap((scheme): SchemeItem[] => {
    if (!isSchemeId(scheme.id)) return [];
    const isAdvised = scheme.id === 'recommended' && advice;
    const item = {
      id: scheme.id,
      label: scheme.title,
      // What the command line calls it is found, too.
      description: `${scheme.id} · ${isAdvised ? advice.title : scheme.formula}`,
      detail: isAdvised ? `${advice.reason} (${advice.source})` : `${scheme.when} (${scheme.source})`,
    };
    const isNew = scheme.group !== group && scheme.id !== 'recommended';
    group = scheme.group;
    return isNew ? [{ id: null, label: groupTitle(scheme.group), kind: vscode.QuickPickItemKind.Separator }, item] : [item];
  });
  const picked = await askForItem(about(place, say('scheme')), items, { active: items.find(({ id }) => id !== null && id === before) });
  if (!isValue(picked)) return picked;
  return picked.value.id === null ? undefined : { value: picked.value.id };
}

/** Parameters of a scheme that is run, without those it has of itself; undefined where the user gives up. */
export async function pickParameters(scheme: SchemeId, before: SchemeOptions): Promise<SchemeOptions | undefined> {
  const { title, options } = describeScheme(scheme);
  const answer = await askForOptions({ title, step: 1, totalSteps: 1, canGoBack: false }, scheme, before);
  if (!isValue(answer)) return undefined;
  const own = new Map<string, unknown>(options.map(({ id, otherwise }) => [id, otherwise]));
  return Object.fromEntries(Object.entries(answer.value).filter(([id, value]) => value !== own.get(id)));
}

/** The parameters of a scheme, one by one, until the first item takes them as they are. */
async function askForOptions(place: Place, scheme: SchemeId, before: SchemeOptions): Promise<Answer<SchemeOptions>> {
  const { options: described, title: name } = describeScheme(scheme);
  let chosen = before;
  for (;;) {
    const items: (vscode.QuickPickItem & { readonly option: OptionDescription | null })[] = [
      { label: say('Continue'), description: say('{0} with these parameters', name), option: null },
      { label: say('Parameters'), kind: vscode.QuickPickItemKind.Separator, option: null },
      ...described.map((option) => ({ label: option.id, description: valueOf(option, chosen), option })),
    ];
    const picked = await askForItem(about(place, say('parameters')), items);
    if (!isValue(picked)) return picked;
    if (!picked.value.option) return { value: chosen };
    const changed = await askForOption({ ...about(place, picked.value.option.id), canGoBack: true }, picked.value.option, chosen);
    if (changed === undefined) return undefined;
    if (isValue(changed)) chosen = { ...chosen, ...changed.value };
  }
}

function valueOf(option: OptionDescription, chosen: SchemeOptions): string {
  const value = chosen[option.id] ?? option.otherwise;
  if (value === null) return say('by the layer');
  const text = typeof value === 'number' ? String(Number(value.toPrecision(6))) : value;
  return chosen[option.id] === undefined ? say('{0} (default)', text) : text;
}

async function askForOption(place: Place, option: OptionDescription, chosen: SchemeOptions): Promise<Answer<SchemeOptions>> {
  const known = chosen[option.id] ?? option.otherwise;
  const answer = option.kind === 'choice' ? await askForChoice(place, option.choices, known) : await askForText(place, {
    value: known === null ? '' : String(known), prompt: say('Escape leaves everything as it is.'),
    refuse(given) {
      const read = readOption(option, given);
      return 'expected' in read ? say('It takes {0}.', read.expected) : undefined;
    },
  });
  if (!isValue(answer)) return answer;
  const read = readOption(option, answer.value);
  return { value: 'options' in read ? read.options : {} };
}

async function askForChoice(place: Place, choices: readonly string[], known: unknown): Promise<Answer<string>> {
  const items = choices.map((label) => ({ label }));
  const picked = await askForItem(place, items, { active: items.find(({ label }) => label === known) });
  return isValue(picked) ? { value: picked.value.label } : picked;
}
