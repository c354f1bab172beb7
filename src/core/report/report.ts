import type {
  AppliedScheme, Diagnostic, LayerReport, ModelReport, QuantizationReport, ResidualReport, ValueReport, WeightReport, WeightRole,
  WeightStatistics,
} from '../../protocol/report';
import { say } from '../../protocol/words';
import type { Model, ValueInfo } from '../graph/graph';
import { shortened } from '../graph/names';
import type { Advice } from '../initializers/advice';
import { inferInitializer } from '../initializers/inference';
import { recommend } from '../initializers/recommendation';
import { adviceBeside, asTableToo } from '../initializers/tableAdvice';
import type { StoredConstant } from '../layers/constants';
import { fanConventions } from '../layers/conventions';
import type { Layer, LayerWeight, ResidualEnd } from '../layers/layer';
import { numberCount } from '../layers/quantized';
import { diagnoseLayer } from './diagnose';
import { isOfFirstFactor, lowRankFindings } from './lowRank';
import { diagnoseNetwork, isOfTrained } from './network';
import { quantizedBytes, storedFloats } from './stored';
import type { Ties } from './ties';
import { asMeasured } from './measured';
import { tieKey } from './ties';
import type { Leader } from './twins';
import { leadersOf } from './twins';

export interface ReportSource {
  readonly model: Model;
  readonly layers: readonly Layer[];
  /** What reading found wrong. */
  readonly findings: readonly Diagnostic[];
  readonly constants?: readonly StoredConstant[];
  readonly statistics: ReadonlyMap<string, WeightStatistics>;
  readonly applied: ReadonlyMap<string, AppliedScheme>;
  readonly ties?: Ties;
  /** Whose values the tensors have that were tied; found among the layers where it is not given. */
  readonly leaders?: ReadonlyMap<string, Leader>;
  /** Scales of quantised tensors, by id. */
  readonly quantizations?: ReadonlyMap<string, QuantizationReport>;
}

/** Everything there is to say about a model, from what is known so far. */
export function createReport(source: ReportSource): ModelReport {
  const { model, layers, findings, constants = [], ties = new Map(), leaders = leadersOf(layers, ties) } = source;
  const stored = storedFloats(model);
  const reports = layers.map((layer) => reportLayer(layer, { ...source, leaders }));
  const general = diagnoseNetwork(reports.map(({ report }) => report));
  const ofLayers = reports.flatMap(({ diagnostics }) => diagnostics);
  return {
    file: model.file.replace(/^.*[\\/]/, ''),
    format: model.format,
    producer: model.producer,
    opset: isOnnx(model) ? model.opsets.get('') ?? null : null,
    parameters: parameterCount(layers, source.ties),
    storedFloats: stored.elements,
    storedBytes: stored.bytes + quantizedBytes(layers),
    inputs: model.graph.inputs.map(valueReport),
    outputs: model.graph.outputs.map(valueReport),
    layers: reports.map(({ report }) => report),
    constants: constants.map(({ name, tensor, reason }) => ({ name: shortened(name), shape: tensor.shape, reason })),
    diagnostics: [...findings, ...general, ...isOfTrained(general) ? ofLayers.map(asRemark) : ofLayers],
  };
}

const remarks = new Set(['wrong-scale', 'wrong-fan-convention', 'low-rank']);
/** What trained weights are is not what fresh ones should be. */
const asRemark = (found: Diagnostic): Diagnostic => (remarks.has(found.code) ? { ...found, severity: 'info' }
  : found);

/** Others say nothing of operator sets. */
const isOnnx = ({ format }: Model): boolean => format === 'onnx' || format === 'onnx-json';

/**
 * What PyTorch counts as parameters: weights, tied ones once, without stored statistics and constants. Of two tensors that hold the same
 * values, one is the other where it is transposed or in another role, as exporters split what was tied; layers that were cloned are not tied.
 */
function parameterCount(layers: readonly Layer[], ties: Ties | undefined): number {
  const counted = new Map<string, number>();
  const roles = new Map<string, WeightRole>();
  for (const layer of layers) {
    for (const weight of layer.weights.filter(isParameter)) {
      const isCopy = (ties?.get(tieKey(layer.name, weight.id)) ?? []).some(({ layer: other, weight: name, how }) => {
        const role = roles.get(tieKey(other, shortened(name)));
        return role !== undefined && (how === 'transposed' || (how === 'equal' && role !== weight.role));
      });
      roles.set(tieKey(layer.name, shortened(weight.name)), weight.role);
      if (!isCopy) counted.set(weight.id, numberCount(weight.tensor, weight.quantization));
    }
  }
  return [...counted.values()].reduce((sum, count) => sum + count, 0);
}

function isParameter({ frozen, role, tensor, quantization }: LayerWeight): boolean {
  // A fixed transform (an STFT basis) is a constant whatever operator reads it; what cannot be written is a parameter all the same.
  const isConstant = frozen !== null && role !== 'bias' && tensor.problem === undefined && tensor.storage !== 'sparse' && quantization === undefined;
  return !isConstant && role !== 'frozen' && role !== 'running mean' && role !== 'running variance';
}

function valueReport({ name, dtype, shape }: ValueInfo): ValueReport {
  return { name, dtype, shape };
}

const residualReport = ({ addedBy, normalization, branches }: ResidualEnd): ResidualReport => ({ addedBy: shortened(addedBy), normalization, branches });

function reportLayer(layer: Layer, source: ReportSource): { readonly report: LayerReport; readonly diagnostics: readonly Diagnostic[] } {
  const report: LayerReport = {
    name: layer.name,
    op: layer.op,
    detail: layer.detail,
    scope: layer.scope,
    activation: layer.activation?.name ?? 'linear',
    normalization: layer.normalization,
    residual: layer.residual && residualReport(layer.residual),
    isHead: layer.isHead,
    weights: layer.weights.map((weight) => reportWeight(layer, weight, source)),
  };
  const miscounted = layer.weights.flatMap((weight) => {
    const statistics = source.statistics.get(weight.id);
    const match = statistics ? inferInitializer(layer, weight, statistics) : null;
    return match?.miscounted ? [[weight.id, { ...match, miscounted: match.miscounted }] as const] : [];
  });
  const own = diagnoseLayer(report, new Map(miscounted)).filter((found) => !isOfFirstFactor(layer, found));
  return { report, diagnostics: [...own, ...lowRankFindings(layer, source.statistics)] };
}

/** A tensor that was tied to another is drawn with its values: what is said of it is what is done. So it is of tables that are added to it. */
function adviceOn(layer: Layer, weight: LayerWeight, { layers, leaders = new Map() }: ReportSource): Advice | null {
  const leader = leaders.get(weight.id);
  const advice = leader && recommend(leader.layer, leader.weight);
  if (!advice) {
    const tied = weight.rows?.sum && tiedTable(layers, weight.rows.sum, leaders);
    if (tied) return adviceBeside(weight, tied.weight, tied.std);
    const own = recommend(layer, weight);
    return own && asTableToo(own, tableTiedTo(layers, weight, leaders));
  }
  const { recommendation } = advice;
  const reason = say('It was tied to {0} of {1}, with which it shares its values. {2}', leader.weight.name, leader.layer.name, recommendation.reason);
  return { ...advice, recommendation: { ...recommendation, reason } };
}

/** The layer with a table that has the values of a kernel, stored apart. */
function tableTiedTo(layers: readonly Layer[], { id, role }: LayerWeight, leaders: ReadonlyMap<string, Leader>): string | undefined {
  const follower = role === 'kernel' ? [...leaders].find(([, leader]) => leader.weight.id === id)?.[0] : undefined;
  return follower === undefined ? undefined : layers.find(({ weights }) => weights.some((each) => each.id === follower && each.role === 'embedding'))?.name;
}

/** The table in a sum whose scale is that of a kernel it was tied to. */
function tiedTable(layers: readonly Layer[], sum: string, leaders: ReadonlyMap<string, Leader>): { readonly weight: LayerWeight; readonly std: number } | null {
  for (const { weights } of layers) {
    const weight = weights.find(({ id, rows }) => rows?.sum === sum && leaders.has(id));
    const leader = weight && leaders.get(weight.id);
    const advice = leader && recommend(leader.layer, leader.weight);
    if (weight && advice) return { weight, std: advice.recommendation.std };
  }
  return null;
}

function reportWeight(layer: Layer, weight: LayerWeight, source: ReportSource): WeightReport {
  const { statistics, applied, ties, quantizations } = source;
  const { id, tensor, parts } = weight;
  const scheme = applied.get(id);
  const advice = asMeasured(adviceOn(layer, weight, source), scheme);
  const measured = statistics.get(id) ?? null;
  const quantization = quantizations?.get(id);
  return {
    id,
    name: shortened(weight.name),
    role: weight.role,
    dtype: tensor.dtype,
    shape: tensor.shape,
    storage: tensor.storage,
    place: tensor.place ? { file: tensor.place.file, offset: tensor.place.offset, length: tensor.place.length } : null,
    parameters: numberCount(tensor, weight.quantization),
    fanIn: weight.fans?.fanIn ?? null,
    fanOut: weight.fans?.fanOut ?? null,
    conventions: fanConventions(layer.node, weight),
    parts: advice?.parts ?? parts.map((part) => ({ name: part.name, recommendation: null })),
    tied: (ties?.get(tieKey(layer.name, id)) ?? []).map((tie) => ({ ...tie, weight: shortened(tie.weight) })),
    ...(quantization ? { quantization } : {}), ...(tensor.merged ? { merged: { tensor: tensor.merged.name, uses: tensor.merged.uses } } : {}),
    ...(weight.computed ? { computed: { says: weight.computed.says, scaleFree: weight.computed.power === 0 } } : {}),
    statistics: measured,
    looksLike: measured ? inferInitializer(layer, weight, measured)?.title ?? null : null,
    recommendation: advice?.recommendation ?? null,
    ...(weight.frozen === null ? {} : { frozen: weight.frozen }),
    ...(scheme ? { applied: scheme } : {}),
  };
}
