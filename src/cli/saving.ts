import { provideLearned } from '../core/initializers/learnedValues';
import type { SaveRequest } from '../formats/saving/save';
import { saveModel } from '../formats/saving/save';
import { refusalsOf } from '../formats/saving/tensorWrite';
import { inMemory, learnedRecipes } from '../formats/tensors/learnedStore';
import { Failure } from '../protocol/failure';
import { plainText } from '../protocol/plainText';
import { CancellationSource } from '../protocol/rpc';
import { startProgress } from './progress';

const longestName = 200;

/** Saves a model; says on a terminal how far it is, and gives what could not be written; leaves everything as it was where it is interrupted from there. */
export async function saveFromTerminal(request: Omit<SaveRequest, 'progress' | 'cancellation' | 'told'>): Promise<readonly string[]> {
  const left: string[] = [];
  const cancellation = new CancellationSource();
  const interrupt = (): void => cancellation.cancel();
  const progress = startProgress(`Writing ${plainText(request.target, longestName)}`);
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  try {
    await saveModel({ ...request, progress: progress.tell, told: (what) => left.push(what), cancellation });
    return left;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    progress.end();
  }
}

interface Learned {
  /** By the ids of the tensors that they are for. */
  readonly values: ReadonlyMap<string, Float32Array>;
  /** Where they come from: "DBN, CD-1, 20 epochs, seed 3, digits". */
  readonly title: string;
}

/** Saves a model with weights that were learned; every one of them has a place in the file, or nothing is written. */
export async function saveLearned(
  { opened, target, record }: Pick<SaveRequest, 'opened' | 'target' | 'record'>, { values, title }: Learned,
): Promise<readonly string[]> {
  const recipes = learnedRecipes(values, title);
  const refused = refusalsOf(opened, recipes);
  for (const [id, reason] of refused) throw new Failure('unsupported', `${id} of ${opened.model.file} cannot be set, so nothing was written: ${reason}.`);
  provideLearned(inMemory(values.values()));
  const contents = new Map(recipes.map((recipe) => [recipe.tensorId, { kind: 'recipe', recipe } as const]));
  return saveFromTerminal({ opened, target, contents, record });
}
