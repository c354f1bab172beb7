import type { Edit } from '../core/edits/log';
import { previewEdit } from '../core/edits/preview';
import { readOptions, refuseOptions } from '../core/initializers/options';
import type { ChosenScheme } from '../core/initializers/recipes';
import { createRecipes, schemeNotes } from '../core/initializers/recipes';
import { describeScheme } from '../core/initializers/schemes';
import { tieKey } from '../core/report/ties';
import type { TriedOut } from '../engine/tryOut';
import { twinsOf } from '../core/report/twins';
import { trainedWords } from '../core/verdict/trained';
import { growthNotes } from '../formats/saving/growth';
import { splitNotes } from '../formats/saving/splitMerged';
import { refusalsOf, refuseWrite, writableOf } from '../formats/saving/tensorWrite';
import type { Preview } from '../protocol/preview';
import type { Recipe } from '../protocol/recipe';
import { describeError, isCancelled } from '../protocol/rpc';
import { isSchemeId } from '../protocol/schemes';
import { say, sayOf } from '../protocol/words';
import { readNames } from './fields';
import type { ModelDocument } from './modelDocument';
import { notify } from './notifications';
import { partlySet } from './partlySet';
import type { Settled } from './schemePickers';
import { pickChoice } from './schemePickers';
import { readSettings } from './settings';
import { declareInText } from './text/modelText';
import type { Engine } from './trying';
import { tryInDocument } from './trying';

/** Whoever tells VS Code that a document has a new edit, and shows what one would do. */
export interface EditAnnouncer {
  /** What runs networks. */
  readonly engine: Engine;
  announce(document: ModelDocument, label: string, edit: { undo(): void; redo(): void }): void;
  /** Shows the preview in the inspector; `apply` is called where the user wants it. */
  preview(document: ModelDocument, preview: Preview, apply: () => void): void;
}

export interface SchemeChoice extends ChosenScheme {
  readonly seed: number;
  /** Names of the layers, or null for all. */
  readonly layers: readonly string[] | null;
  /** Whether all means also the layers that a scheme was picked for; else these keep to it. */
  readonly replacesPicked?: boolean;
}

/** A choice given by a caller that no compiler has checked. */
export function readChoice(value: unknown): SchemeChoice | null {
  if (typeof value !== 'object' || value === null || !('scheme' in value)) return null;
  const { scheme } = value;
  const seed = 'seed' in value ? value.seed : 0;
  const given = 'layers' in value ? value.layers : null;
  const layers = given === null ? null : readNames(given);
  if (typeof scheme !== 'string' || !isSchemeId(scheme) || typeof seed !== 'number' || !Number.isSafeInteger(seed) || seed < 0) return null;
  const options = readOptions(describeScheme(scheme).options, 'options' in value ? value.options : {});
  if (!options || (given !== null && layers === null)) return null;
  return { scheme, seed, options, layers, replacesPicked: 'replacesPicked' in value && value.replacesPicked === true };
}

/** The schemes that drawing as chosen keeps to, by layer. */
function keptSchemes(document: ModelDocument, { layers, replacesPicked }: SchemeChoice): ReadonlyMap<string, ChosenScheme> {
  return layers === null && replacesPicked !== true ? document.picked : new Map<string, ChosenScheme>();
}

function recipesFor(document: ModelDocument, choice: SchemeChoice): readonly Recipe[] {
  const { scheme, seed, layers, options = {} } = choice;
  const twins = twinsOf(document.layers, document.ties);
  const { keepStructure } = readSettings(document.uri);
  return createRecipes(document.layers, {
    scheme, seed, options, twins, keepStructure, overrides: keptSchemes(document, choice), ...(layers ? { layers: new Set(layers) } : {}),
  });
}

/** "He normal, mode fan_out, seed 0"; without a seed where every start draws anew. */
function titleOf({ isDeclared }: ModelDocument, { scheme, options = {}, seed }: SchemeChoice): string {
  const own = Object.entries(options).map(([name, value]) => `${name} ${value}`);
  return [describeScheme(scheme).title, ...own, ...(isDeclared ? [] : [say('seed {0}', seed)])].join(', ');
}

/** Draws new weights as one edit of the document, or declares them in its text: to be undone, redone and saved like any other. */
export async function applyScheme(announcer: EditAnnouncer, document: ModelDocument, choice: SchemeChoice): Promise<void> {
  if (document.readOnly !== null) {
    void notify.warning(document.readOnly);
    return;
  }
  const { recipes } = await tryInDocument(announcer.engine, document, { ...choice, recipes: recipesFor(document, choice) });
  await applyRecipes(announcer, document, choice, recipes);
}

async function applyRecipes(announcer: EditAnnouncer, document: ModelDocument, choice: SchemeChoice, recipes: readonly Recipe[]): Promise<void> {
  const title = titleOf(document, choice);
  const label = choice.layers?.length === 1 ? say('Reinitialize {0}: {1}', choice.layers[0] ?? '', title) : say('Reinitialize: {0}', title);
  const leftOut = document.opened && document.isDeclared ? await declareInText(document.uri, document.opened, recipes) : draw(announcer, document,
    { label, recipes });
  if (leftOut === null || leftOut === recipes.length) {
    const what = say('{0}: there is no weight here that Initscope can set. The inspector says why each is left alone.', document.name);
    void notify.information(what);
  } else if (leftOut > 0) void notify.information(partlySet(document.name, leftOut, recipes.length));
}

/** Returns how many tensors could not be drawn; null where none could. */
function draw(announcer: EditAnnouncer, document: ModelDocument, { label, recipes }: Edit): number | null {
  const edit = document.edit({ label, recipes });
  if (!edit) return null;
  announcer.announce(document, label, edit);
  return edit.leftOut;
}

/** Asks for what is not settled by VS Code's own pickers, then shows what that would do. Escape leaves everything as it is. */
export async function pickAndPreview(announcer: EditAnnouncer, document: ModelDocument, settled: Settled): Promise<void> {
  if (document.readOnly !== null) {
    await notify.warning(document.readOnly);
    return;
  }
  const choice = await pickChoice(document, settled);
  if (choice) await previewChoice(announcer, document, choice);
}

/** Tries what is chosen, and shows what it would do. */
export async function previewChoice(announcer: EditAnnouncer, document: ModelDocument, choice: SchemeChoice): Promise<void> {
  if (document.readOnly !== null) {
    await notify.warning(document.readOnly);
    return;
  }
  const problem = refuseOptions(choice.options ?? {});
  if (problem !== null) {
    await notify.error(say('Nothing was changed: {0}.', problem));
    return;
  }
  const { signature } = document;
  const tried = await tryInDocument(announcer.engine, document, { ...choice, recipes: recipesFor(document, choice) }).catch(withoutCancelled);
  if (!tried) return;
  if (document.signature !== signature) {
    await notify.information(say('{0} has changed meanwhile: nothing is drawn. Reinitialize it as it is now.', document.name));
    return;
  }
  announcer.preview(document, createPreview(document, choice, tried), () => void applyRecipes(announcer, document, choice, tried.recipes)
    .catch((error: unknown) => notify.error(describeError(error).message)));
}

/** What the user has stopped leaves everything as it is; what failed is said. */
async function withoutCancelled(error: unknown): Promise<null> {
  if (!isCancelled(error)) await notify.error(say('Nothing was changed: {0}', describeError(error).message));
  return null;
}

/** What a choice would do to the document. */
function createPreview(document: ModelDocument, choice: SchemeChoice, { recipes, notes }: TriedOut): Preview {
  const { layers } = choice;
  const kept = keptSchemes(document, choice);
  const schemes = [choice.scheme, ...[...kept.values()].map(({ scheme }) => scheme)];
  const refused = document.opened ? refusalsOf(document.opened, recipes) : new Map<string, string>();
  const writable = document.opened ? writableOf(document.opened, recipes, refused).map(({ tensor }) => tensor) : [];
  const chosen = layers === null ? document.layers : document.layers.filter(({ name }) => layers.includes(name));
  const ties = document.ties;
  const drawn = new Map(recipes.map((recipe) => [recipe.tensorId, recipe]));
  const splits = document.opened ? splitNotes(document.opened, (id) => drawn.get(id) ?? document.content(id).recipe) : [];
  return previewEdit({
    title: titleOf(document, choice),
    scope: layers === null ? allLayers(kept.size) : layers.length === 1 ? layers[0] ?? '' : say('{0} layers', layers.length),
    notes: [...document.judgement.isTrained ? [`${trainedWords.message} ${trainedWords.remedy}`] : [], ...notes, ...schemeNotes(document.layers, schemes),
      ...growthNotes(writable), ...splits],
    layers: chosen, recipes, kept: new Set(kept.keys()), statistics: document.measurement.results,
    refuse: ({ id, tensor }) => refuseWrite(tensor) ?? refused.get(id) ?? null,
    tied: (layer, weight) => ties.get(tieKey(layer.name, weight.id)) ?? [],
  });
}

function allLayers(kept: number): string {
  return kept === 0 ? say('all layers')
    : sayOf(kept, 'all layers, {0} of them by the scheme picked for it', 'all layers, {0} of them by the scheme picked for them');
}
