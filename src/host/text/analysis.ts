// What is to be said of a text that declares how a network starts: each weight with the field that says so, and what is wrong there.

import type { Declaration } from '../../core/graph/tensor';
import { createRecipes } from '../../core/initializers/recipes';
import { lawStatistics } from '../../core/initializers/law';
import { isAbout } from '../../core/report/diagnose';
import { createReport } from '../../core/report/report';
import { scanJson } from '../../formats/json/scan';
import { valueAt } from '../../formats/json/path';
import type { JsonValue, Span } from '../../formats/json/value';
import { openBytes } from '../../formats/files/byteSource';
import type { OpenedModel } from '../../formats/openModel';
import type { Recipe } from '../../protocol/recipe';
import type { Diagnostic, LayerReport, WeightReport, WeightStatistics } from '../../protocol/report';
import { say } from '../../protocol/words';
import { openText } from './modelText';

/** A weight that a field of the text declares. */
export interface DeclaredWeight {
  readonly layer: LayerReport;
  readonly weight: WeightReport;
  readonly statistics: WeightStatistics;
  /** "GlorotUniform" */
  readonly name: string;
  /** Bytes of the field, or of what it is missing from. */
  readonly span: Span;
  /** Of its name alone, which is marked where something is wrong. */
  readonly key: Span;
  readonly problems: readonly Problem[];
  /** What the field and all that it declares should start by; null where no field says so. */
  readonly fix: readonly Recipe[] | null;
}

type At = NonNullable<Declaration['at']>;

export type Problem = Pick<Diagnostic, 'severity' | 'code' | 'message' | 'remedy'>;

export interface Analysis {
  readonly opened: OpenedModel;
  readonly weights: readonly DeclaredWeight[];
  /** Of the network as a whole. */
  readonly general: readonly Diagnostic[];
}

/** Ratios of standard deviations that a layer can do with: an eighth more or less is 1.27 in the variance. */
const unfit = 1.125;

/** Null for a text that is no model, or declares nothing. Throws nothing. */
export function analyse(path: string, text: string): Analysis | null {
  try {
    const opened = openText(path, text);
    return opened.format.declare ? analysed(path, text, opened) : null;
  } catch {
    return null;
  }
}

function analysed(path: string, text: string, opened: OpenedModel): Analysis {
  const { root } = scanJson(openBytes(path, Buffer.from(text)));
  const tensors = new Map(opened.layers.flatMap((layer) => layer.weights.map(({ id, tensor }) => [id, tensor] as const)));
  const statistics = new Map([...tensors].flatMap(([id, { declared, shape }]) => (declared ? [[id, lawStatistics(declared.blocks, shape)] as const] : [])));
  const report = createReport({ ...opened, statistics, applied: new Map() });
  const recommended = new Map(createRecipes(opened.layers, { scheme: 'recommended', seed: 0 }).map((recipe) => [recipe.tensorId, recipe] as const));
  const fields = new Map<string, string[]>();
  for (const [id, { declared }] of tensors) if (declared?.at) listed(fields, keyOf(declared.at)).push(id);
  const found = new Map<string, Diagnostic[]>();
  for (const diagnostic of report.diagnostics) if (diagnostic.layer !== null) listed(found, diagnostic.layer).push(diagnostic);
  const declared = new Map<string, DeclaredWeight>();
  for (const layer of report.layers) {
    for (const weight of layer.weights) {
      const [declaration, known] = [tensors.get(weight.id)?.declared, statistics.get(weight.id)];
      const at = declaration?.at;
      const spans = at && spansOf(root, at);
      if (!at || !spans || !known || declared.has(weight.id)) continue;
      const together = fields.get(keyOf(at)) ?? [];
      const recipes = together.flatMap((id) => recommended.get(id) ?? []);
      const own = (found.get(layer.name) ?? []).filter(({ message }) => isAbout(message, weight.name));
      declared.set(weight.id, {
        layer, weight, statistics: known, name: declaration.name, ...spans,
        problems: own.length > 0 ? own : unfitFor(layer, weight, known, declaration.name), fix: recipes.length > 0 ? recipes : null,
      });
    }
  }
  return { opened, weights: toldOnce([...declared.values()]), general: report.diagnostics.filter(({ layer }) => layer === null) };
}

function listed<T>(lists: Map<string, T[]>, key: string): T[] {
  const known = lists.get(key) ?? [];
  lists.set(key, known);
  return known;
}

const keyOf = ({ path, field }: At): string => `${path} ${field}`;

/** Where the field of a declaration is, or what it is missing from; and what of that is marked. */
function spansOf(root: JsonValue, { path, field, beside }: At): Pick<DeclaredWeight, 'span' | 'key'> | null {
  const value = valueAt(root, path);
  if (!value) return null;
  if (value.kind !== 'object') return { span: value, key: value };
  const entry = value.entries.get(field) ?? (beside === undefined ? undefined : value.entries.get(beside));
  if (entry) return { span: { start: entry.key.start, end: entry.value.end }, key: entry.key };
  const opening = { start: value.start, end: value.start + 1 };
  return { span: opening, key: opening };
}

/** Of what the text writes once and makes several times, the same problem is told of the first alone. */
function toldOnce(weights: readonly DeclaredWeight[]): readonly DeclaredWeight[] {
  const counts = new Map<string, number>();
  const keyFor = ({ key, weight }: DeclaredWeight, { code }: Problem): string => `${key.start} ${weight.role} ${code}`;
  for (const each of weights) for (const problem of each.problems) counts.set(keyFor(each, problem), (counts.get(keyFor(each, problem)) ?? 0) + 1);
  return weights.map((each) => ({ ...each, problems: each.problems.flatMap((problem) => {
    const others = (counts.get(keyFor(each, problem)) ?? 0) - 1;
    if (others < 0) return [];
    counts.delete(keyFor(each, problem));
    return others === 0 ? [problem] : [{ ...problem, message: `${problem.message} ${say('The same holds for {0} more that are written here.', others)}` }];
  }) }));
}

/** An initialiser that is made for another activation than the one behind it. Behind a head is none: what is said of an answer is enough there. */
function unfitFor(
  { activation, isHead }: LayerReport, { name, role, recommendation }: WeightReport, { std }: WeightStatistics, declared: string,
): readonly Problem[] {
  if (role !== 'kernel' || isHead || !recommendation || std === null || recommendation.std === 0) return [];
  const ratio = std / recommendation.std;
  if (ratio < unfit && ratio > 1 / unfit) return [];
  const number = (value: number): string => String(Number(value.toPrecision(3)));
  const message = say(
    '{0} is drawn by {1}, σ {2}, where {3} gives {4}: the variance of the signal changes by {5}× in this layer, which {6} follows. {7}.',
    name, declared, number(std), recommendation.title, number(recommendation.std), number(ratio ** 2), activation, recommendation.source);
  return [{ severity: 'info', code: 'unfit-initializer', message, remedy: say('Declare {0}.', recommendation.title) }];
}
