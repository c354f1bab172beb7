import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Recipe } from '../protocol/recipe';
import type { WeightStatistics } from '../protocol/report';
import type { ValueOrigin } from '../protocol/schemes';
import { Failure } from '../protocol/failure';
import { networkOf } from '../core/initializers/network';
import { isSameLaw } from '../core/initializers/sameLaw';
import { titleOf } from '../core/initializers/rescaling';
import type { SchemeRequest } from '../core/initializers/recipes';
import { createRecipes, drawWeight, schemeNotes } from '../core/initializers/recipes';
import { twinsOf } from '../core/report/twins';
import { trainedWords } from '../core/verdict/trained';
import { resolveLinks } from '../formats/files/byteSource';
import { FilePool } from '../formats/tensors/content';
import { growthNotes } from '../formats/saving/growth';
import { measureWeight, runNow } from '../formats/tensors/measure';
import type { OpenedModel } from '../formats/openModel';
import { openModelFile } from '../formats/openModel';
import { neededBy, refuseExisting, refuseOutput } from '../formats/files/outputs';
import { splitNotes } from '../formats/saving/splitMerged';
import { refusalsOf, refuseWrite, writableOf } from '../formats/saving/tensorWrite';
import { readArguments, wholeNumber } from './arguments';
import { measureModel } from './measuring';
import { line, spread, table, toJson } from './output';
import { isTrainedFile } from './reporting';
import { proposed, runOptionTable } from './proposing';
import { saveFromTerminal } from './saving';
import { readOverrides, readScheme, readSchemeOptions, refuseUnused, schemeOptionTable } from './schemeOptions';

const optionTable = {
  'scheme': 'text', ...schemeOptionTable, 'seed': 'text', 'layer': 'list', 'output': 'text',
  'no-run': 'flag', ...runOptionTable, 'force': 'flag', 'in-place': 'flag', 'dry-run': 'flag', 'no-record': 'flag', 'keep-structure': 'flag', 'json': 'flag',
} as const;

export async function init(given: readonly string[]): Promise<string> {
  const { model, options } = readArguments('init', given, optionTable);
  const seed = wholeNumber('seed', options.seed, 0, 0);
  const target = targetOf(model, options);
  const scheme = readScheme('scheme', options.scheme ?? 'recommended');
  const parameters = readSchemeOptions(options);
  const opened = openModelFile(model);
  if (options.output !== undefined) {
    refuseOutput(options.output, neededBy(opened.model));
    if (!options['dry-run']) refuseExisting('output', options.output, options.force);
  }
  const overrides = readOverrides(opened.layers, options.layer, parameters);
  const used = new Set([scheme, ...[...overrides.values()].map((override) => override.scheme)]);
  refuseUnused(parameters, used);
  const request: SchemeRequest = { scheme, overrides, options: parameters };
  const measured = measureModel(opened);
  const { statistics: before, ties } = measured;
  const twins = twinsOf(opened.layers, ties);
  const isTrained = isTrainedFile(opened, measured);
  const drawn = createRecipes(opened.layers, { ...request, seed, twins, keepStructure: options['keep-structure'] });
  const tried = await proposed({ opened, scheme, recipes: drawn, seed, isTrained, options });
  const { recipes } = tried;
  const refused = refusalsOf(opened, recipes);
  const written = writableOf(opened, recipes, refused);
  const isAsBefore = written.every(({ recipe: { blocks }, tensor: { declared, shape } }) => declared && isSameLaw(declared.blocks, blocks, shape));
  if (isAsBefore && (written.length === 0 || refused.size > 0) && !options['dry-run']) throw nothingToSet(opened, recipes, refused);
  const writable = new Map(written.map(({ recipe }) => [recipe.tensorId, recipe] as const));
  const rows = describeWeights(opened, writable, refused, request, before);
  const trained = isTrained ? [`${trainedWords.message} ${trainedWords.remedy}`] : [];
  const notes = [
    ...trained, ...tried.notes, ...schemeNotes(opened.layers, used), ...growthNotes(written.map(({ tensor }) => tensor)),
    ...splitNotes(opened, (id) => writable.get(id)),
  ];
  if (!options['dry-run']) {
    const contents = new Map([...writable].map(([id, recipe]) => [id, { kind: 'recipe', recipe } as const]));
    notes.push(...await saveFromTerminal({ opened, target, contents, record: !options['no-record'] }));
  }
  const notices = opened.findings.filter(({ code }) => code === 'interrupted-save').map(({ message, remedy }) => `${message} ${remedy}`);
  const constants = opened.constants.map(({ name, tensor, reason }) => ({ name, shape: tensor.shape, reason }));
  if (options.json) {
    const output = options['dry-run'] ? null : target;
    return toJson({ model, output, seed, ...(notices.length > 0 ? { notices } : {}), notes, rescaled: tried.rescaled, weights: rows, constants });
  }
  const body = rows.map((row) => [
    row.name, row.scheme ?? '', spread(row.stdBefore, row.constantBefore), spread(row.stdAfter, row.constantAfter), row.left ?? row.title ?? '',
  ]);
  body.push(...constants.map(({ name, reason }) => [name, '', '', '', reason]));
  const said = options['dry-run'] ? 'Nothing was written (dry run).' : `Wrote ${target}.`;
  return [...notices.map(line), table([['weight', 'scheme', 'σ before', 'σ after', ''], ...body]), ...notes.map(line), line(said)].join('\n');
}

function nothingToSet({ layers, model: { file } }: OpenedModel, recipes: readonly Recipe[], refused: ReadonlyMap<string, string>): Failure {
  const given = recipes.flatMap(({ tensorId }) => (refused.has(tensorId) ? [{ name: tensorId, why: refused.get(tensorId) ?? '' }] : []));
  const unread = layers.flatMap(({ weights }) => weights.flatMap(({ id, tensor }) => (tensor.problem ? [{ name: id, why: tensor.problem }] : [])));
  const [first] = [...given, ...unread];
  const reason = first ? ` ${first.name} stays as it is: ${first.why}.` : '';
  const what = `No weight of ${file} can be set as asked, so nothing was written.${reason}`;
  return new Failure('unsupported', `${what} Say --dry-run to see why each is left alone.`);
}

interface TargetOptions {
  readonly 'output': string | undefined;
  readonly 'in-place': boolean;
  readonly 'dry-run': boolean;
  readonly 'force': boolean;
}

function targetOf(model: string, { output, 'in-place': inPlace, 'dry-run': dryRun, force }: TargetOptions): string {
  if (force && output === undefined) throw new Failure('wrong-usage', '--force is about the file of --output.');
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

interface WeightRow {
  readonly name: string;
  readonly layer: string;
  readonly role: string;
  readonly scheme: ValueOrigin | null;
  readonly title: string | null;
  readonly mode: string | null;
  readonly distribution: string | null;
  readonly gain: number | null;
  readonly seed: number | null;
  readonly stdBefore: number | null;
  readonly stdAfter: number | null;
  /** The value of all elements, where they are alike. */
  readonly constantBefore: number | null;
  readonly constantAfter: number | null;
  readonly left?: string;
}

/** The value of numbers that do not vary. */
function constantOf(statistics: WeightStatistics | undefined): number | null {
  return statistics?.std === 0 ? statistics.min : null;
}

function describeWeights(
  opened: OpenedModel, recipes: ReadonlyMap<string, Recipe>, refused: ReadonlyMap<string, string>, request: SchemeRequest,
  statistics: ReadonlyMap<string, WeightStatistics>,
): readonly WeightRow[] {
  const pool = new FilePool();
  const network = networkOf(opened.layers);
  try {
    return opened.layers.flatMap((layer) => layer.weights.map((weight): WeightRow => {
      const recipe = recipes.get(weight.id);
      const resolved = recipe ? drawWeight({ layer, weight, network }, request)?.blocks[0]?.resolved : undefined;
      const left = recipe ? undefined : weight.frozen ?? refuseWrite(weight.tensor) ?? refused.get(weight.id) ?? 'it has no scheme';
      const before = statistics.get(weight.id);
      const after = recipe ? runNow(measureWeight(pool, weight, { recipe })) : before;
      return {
        name: weight.name, layer: layer.name, role: weight.role, scheme: recipe?.origin.scheme ?? null, title: recipe ? titleOf(recipe.origin) : null,
        mode: resolved?.mode ?? null, distribution: resolved?.sampler.kind ?? null,
        gain: resolved?.gain == null ? null : resolved.gain * (recipe?.origin.measured ?? 1),
        seed: weight.tensor.declared ? null : recipe?.seed ?? null,
        stdBefore: before?.std ?? null, stdAfter: after?.std ?? null, constantBefore: constantOf(before), constantAfter: constantOf(after),
        ...(left === undefined ? {} : { left }),
      };
    }));
  } finally {
    pool.close();
  }
}
