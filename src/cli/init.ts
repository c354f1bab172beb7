import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Recipe } from '../protocol/recipe';
import type { SchemeId } from '../protocol/schemes';
import { isSchemeId, schemeIds } from '../protocol/schemes';
import { Failure } from '../protocol/failure';
import { createRecipes, drawWeight } from '../core/initializers/recipes';
import type { Layer } from '../core/layers/layer';
import { resolveLinks } from '../formats/byteSource';
import { FilePool } from '../formats/content';
import { measureWeight, runNow } from '../formats/measure';
import type { OpenedModel } from '../formats/openModel';
import { openModelFile, tensorsById } from '../formats/openModel';
import { refuseWrite } from '../formats/tensorWrite';
import { isMeasurable } from '../formats/weightChunks';
import { readArguments, wholeNumber } from './arguments';
import { short, table, toJson } from './output';
import { saveFromTerminal } from './saving';

const optionTable = {
  'scheme': 'text', 'gain': 'text', 'seed': 'text', 'layer': 'list', 'output': 'text',
  'in-place': 'flag', 'dry-run': 'flag', 'no-record': 'flag', 'json': 'flag',
} as const;

export async function init(given: readonly string[]): Promise<string> {
  const { model, options } = readArguments('init', given, optionTable);
  const seed = wholeNumber('seed', options.seed, 0, 0);
  const gain = readGain(options.gain);
  const target = targetOf(model, options.output, options['in-place'], options['dry-run']);
  const opened = openModelFile(model);
  const chosen = chooseSchemes(opened.layers, readScheme('scheme', options.scheme ?? 'recommended'), options.layer);
  const recipes = opened.layers.flatMap((layer) => createRecipes([layer], { ...gain, scheme: chosen.get(layer.name) ?? 'recommended', seed }));
  const tensors = tensorsById(opened);
  const writable = new Map(recipes.flatMap((recipe) => {
    const tensor = tensors.get(recipe.tensorId);
    return tensor && refuseWrite(tensor) === null ? [[recipe.tensorId, recipe] as const] : [];
  }));
  const rows = describeWeights(opened, writable, chosen, gain);
  if (!options['dry-run']) {
    const contents = new Map([...writable].map(([id, recipe]) => [id, { kind: 'recipe', recipe } as const]));
    await saveFromTerminal({ opened, target, contents, record: !options['no-record'] });
  }
  const notices = opened.findings.filter(({ code }) => code === 'interrupted-save').map(({ message, remedy }) => `${message} ${remedy}`);
  if (options.json) return toJson({ model, output: options['dry-run'] ? null : target, seed, ...(notices.length > 0 ? { notices } : {}), weights: rows });
  const body = rows.map((row) => [row.name, row.scheme ?? '', short(row.stdBefore), short(row.stdAfter), row.left ?? row.title ?? '']);
  const said = options['dry-run'] ? 'Nothing was written (dry run).' : `Wrote ${target}.`;
  return [...notices, table([['weight', 'scheme', 'σ before', 'σ after', ''], ...body]), said].join('\n');
}

/** A factor on standard deviations in place of the schemes' own; empty if none is given. */
function readGain(text: string | undefined): { readonly gain?: number } {
  if (text === undefined) return {};
  const gain = Number(text);
  if (!(gain > 0 && Number.isFinite(gain))) throw new Failure('wrong-usage', `--gain takes a positive number, not "${text}".`);
  return { gain };
}

function readScheme(option: string, id: string): SchemeId {
  if (!isSchemeId(id)) throw new Failure('wrong-usage', `--${option}: there is no scheme "${id}"; choose from ${schemeIds.join(', ')}.`);
  return id;
}

function targetOf(model: string, output: string | undefined, inPlace: boolean, dryRun: boolean): string {
  if (output !== undefined && inPlace) throw new Failure('wrong-usage', 'Give --output or --in-place, not both.');
  if (output === undefined) {
    if (!inPlace && !dryRun) throw new Failure('wrong-usage', 'Say where to write: --output FILE, or --in-place to change the model itself.');
    return model;
  }
  if (existsSync(output) && resolveLinks(resolve(output)) === resolveLinks(resolve(model))) {
    throw new Failure('wrong-usage', `--output is the model itself; say --in-place to change ${model}.`);
  }
  return output;
}

/** Scheme of each layer: the general one, overridden by the last GLOB=SCHEME that matches. */
function chooseSchemes(layers: readonly Layer[], general: SchemeId, overrides: readonly string[]): ReadonlyMap<string, SchemeId> {
  const chosen = new Map(layers.map((layer) => [layer.name, general]));
  for (const override of overrides) {
    const at = override.lastIndexOf('=');
    if (at < 1) throw new Failure('wrong-usage', `--layer takes GLOB=SCHEME, not "${override}".`);
    const scheme = readScheme('layer', override.slice(at + 1));
    const glob = override.slice(0, at);
    const pattern = new RegExp(`^${glob.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`);
    const matching = layers.filter((layer) => pattern.test(layer.name));
    if (matching.length === 0) throw new Failure('wrong-usage', `--layer ${glob}: no layer has such a name. "initscope inspect" lists them.`);
    for (const layer of matching) chosen.set(layer.name, scheme);
  }
  return chosen;
}

interface WeightRow {
  readonly name: string;
  readonly layer: string;
  readonly role: string;
  readonly scheme: SchemeId | null;
  readonly title: string | null;
  readonly mode: string | null;
  readonly distribution: string | null;
  readonly gain: number | null;
  readonly seed: number | null;
  readonly stdBefore: number | null;
  readonly stdAfter: number | null;
  readonly left?: string;
}

function describeWeights(
  opened: OpenedModel, recipes: ReadonlyMap<string, Recipe>, chosen: ReadonlyMap<string, SchemeId>, gain: { readonly gain?: number },
): readonly WeightRow[] {
  const pool = new FilePool();
  try {
    return opened.layers.flatMap((layer) => layer.weights.map((weight): WeightRow => {
      const recipe = recipes.get(weight.id);
      const scheme = chosen.get(layer.name) ?? 'recommended';
      const resolved = recipe ? drawWeight(layer, weight, { ...gain, scheme })?.blocks[0]?.resolved : undefined;
      const std = (content: { recipe?: Recipe }): number | null => runNow(measureWeight(pool, weight, content)).std;
      const left = recipe ? undefined : weight.frozen ?? refuseWrite(weight.tensor) ?? 'it has no scheme';
      const before = isMeasurable(weight) ? std({}) : null;
      return {
        name: weight.name, layer: layer.name, role: weight.role, scheme: recipe ? scheme : null, title: recipe?.origin.title ?? null,
        mode: resolved?.mode ?? null, distribution: resolved?.sampler.kind ?? null, gain: resolved?.gain ?? null, seed: recipe?.seed ?? null,
        stdBefore: before, stdAfter: recipe ? std({ recipe }) : before, ...(left === undefined ? {} : { left }),
      };
    }));
  } finally {
    pool.close();
  }
}
