// What is to be said of a text that declares how a network starts: each weight with the field that says so, and what is wrong there.

import { createRecipes } from '../../core/initializers/recipes';
import { lawStatistics } from '../../core/initializers/law';
import { createReport } from '../../core/report/report';
import { scanJson } from '../../formats/json/scan';
import { objectAt } from '../../formats/json/path';
import type { Span } from '../../formats/json/value';
import { openBytes } from '../../formats/files/byteSource';
import type { OpenedModel } from '../../formats/openModel';
import type { Recipe } from '../../protocol/recipe';
import type { Diagnostic, LayerReport, WeightReport, WeightStatistics } from '../../protocol/report';
import { openText } from './modelText';

/** A weight that a field of the text declares. */
export interface DeclaredWeight {
  readonly layer: LayerReport;
  readonly weight: WeightReport;
  readonly statistics: WeightStatistics;
  /** "GlorotUniform" */
  readonly name: string;
  /** Bytes of the field, or of the object that it is missing from. */
  readonly span: Span;
  /** Of its name alone, which is marked where something is wrong. */
  readonly key: Span;
  readonly problems: readonly Problem[];
  /** What the field and all that it declares should start by; null where no field says so. */
  readonly fix: readonly Recipe[] | null;
}

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
  const weights = opened.layers.flatMap((layer) => layer.weights);
  const statistics = new Map(weights.flatMap(({ id, tensor }) => (tensor.declared ? [[id, lawStatistics(tensor.declared.blocks, tensor.shape)] as const]
    : [])));
  const report = createReport({ ...opened, statistics, applied: new Map() });
  const recommended = new Map(createRecipes(opened.layers, { scheme: 'recommended', seed: 0 }).map((recipe) => [recipe.tensorId, recipe] as const));
  const fieldOf = new Map(weights.flatMap(({ id, tensor }) => (tensor.declared?.at ? [[id, `${tensor.declared.at.path} ${tensor.declared.at.field}`] as const]
    : [])));
  const declared = new Map<string, DeclaredWeight>();
  for (const layer of report.layers) {
    for (const weight of layer.weights) {
      const tensor = weights.find(({ id }) => id === weight.id)?.tensor;
      const [declaration, known] = [tensor?.declared, statistics.get(weight.id)];
      const at = declaration?.at;
      const object = at && objectAt(root, at.path);
      if (!at || !object || !known || declared.has(weight.id)) continue;
      const entry = object.entries.get(at.field);
      const span = entry ? { start: entry.key.start, end: entry.value.end } : { start: object.start, end: object.start + 1 };
      const together = [...fieldOf].flatMap(([id, field]) => (field === fieldOf.get(weight.id) ? [id] : []));
      const recipes = together.flatMap((id) => recommended.get(id) ?? []);
      const own = report.diagnostics.filter((found) => found.layer === layer.name && found.message.startsWith(`${weight.name} `));
      declared.set(weight.id, {
        layer, weight, statistics: known, name: declaration.name, span, key: entry?.key ?? span,
        problems: own.length > 0 ? own : unfitFor(layer, weight, known, declaration.name), fix: recipes.length === together.length ? recipes : null,
      });
    }
  }
  return { opened, weights: [...declared.values()], general: report.diagnostics.filter(({ layer }) => layer === null) };
}

/** An initialiser that is made for another activation than the one behind it. */
function unfitFor({ activation }: LayerReport, { name, role, recommendation }: WeightReport, { std }: WeightStatistics, declared: string): readonly Problem[] {
  if (role !== 'kernel' || !recommendation || std === null || recommendation.std === 0) return [];
  const ratio = std / recommendation.std;
  if (ratio < unfit && ratio > 1 / unfit) return [];
  const number = (value: number): string => String(Number(value.toPrecision(3)));
  const message = `${name} is drawn by ${declared}, σ ${number(std)}, where ${recommendation.title} gives ${number(recommendation.std)}:`
    + ` the variance of the signal changes by ${number(ratio ** 2)}× in this layer, which ${activation} follows. ${recommendation.source}.`;
  return [{ severity: 'info', code: 'unfit-initializer', message, remedy: `Declare ${recommendation.title}.` }];
}
