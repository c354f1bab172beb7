import type { AppliedScheme, Diagnostic, LayerReport, ModelReport, ValueReport, WeightReport, WeightStatistics } from '../../protocol/report';
import { elementCount } from '../graph/dtype';
import type { Model, ValueInfo } from '../graph/graph';
import { recommend } from '../initializers/recommendation';
import type { Layer, LayerWeight } from '../layers/layer';
import { diagnose, diagnoseNetwork } from './diagnose';
import { storedFloats } from './stored';

export interface ReportSource {
  readonly model: Model;
  readonly layers: readonly Layer[];
  /** What reading found wrong. */
  readonly findings: readonly Diagnostic[];
  readonly statistics: ReadonlyMap<string, WeightStatistics>;
  readonly applied: ReadonlyMap<string, AppliedScheme>;
}

/** Everything there is to say about a model, from what is known so far. */
export function createReport({ model, layers, findings, statistics, applied }: ReportSource): ModelReport {
  const stored = storedFloats(model);
  const reports = layers.map((layer) => layerReport(layer, statistics, applied));
  return {
    file: model.file.replace(/^.*[\\/]/, ''),
    format: 'onnx',
    producer: model.producer,
    opset: model.opsets.get('') ?? null,
    parameters: parameterCount(layers),
    storedFloats: stored.elements,
    storedBytes: stored.bytes,
    inputs: model.graph.inputs.map(valueReport),
    outputs: model.graph.outputs.map(valueReport),
    layers: reports,
    diagnostics: [...findings, ...diagnoseNetwork(reports), ...reports.flatMap(diagnose)],
  };
}

/** What PyTorch counts as parameters: weights, tied ones once, without stored statistics and constants. */
function parameterCount(layers: readonly Layer[]): number {
  const weights = new Map(layers.flatMap((layer) => layer.weights).filter(isParameter).map((weight) => [weight.id, weight.tensor]));
  return [...weights.values()].reduce((sum, tensor) => sum + elementCount(tensor.shape), 0);
}

function isParameter(weight: LayerWeight): boolean {
  // A fixed transform (an STFT basis) is a constant whatever operator reads it; a weight that cannot be read is still one.
  const isConstant = weight.frozen !== null && weight.tensor.problem === undefined;
  return !isConstant && weight.role !== 'frozen' && weight.role !== 'running mean' && weight.role !== 'running variance';
}

function valueReport({ name, dtype, shape }: ValueInfo): ValueReport {
  return { name, dtype, shape };
}

function layerReport(layer: Layer, statistics: ReadonlyMap<string, WeightStatistics>, applied: ReadonlyMap<string, AppliedScheme>): LayerReport {
  return {
    name: layer.name,
    op: layer.op,
    detail: layer.detail,
    scope: layer.scope,
    residual: layer.residual,
    activation: layer.activation?.name ?? 'linear',
    normalization: layer.normalization,
    weights: layer.weights.map((weight): WeightReport => {
      const { tensor } = weight;
      const scheme = applied.get(weight.id);
      return {
        id: weight.id,
        name: weight.name,
        role: weight.role,
        dtype: tensor.dtype,
        shape: tensor.shape,
        storage: tensor.storage,
        place: tensor.place ? { file: tensor.place.file, offset: tensor.place.offset, length: tensor.place.length } : null,
        parameters: elementCount(tensor.shape),
        fanIn: weight.fans?.fanIn ?? null,
        fanOut: weight.fans?.fanOut ?? null,
        conventions: [],
        parts: [],
        tied: [],
        statistics: statistics.get(weight.id) ?? null,
        looksLike: null,
        recommendation: recommend(layer, weight)?.recommendation ?? null,
        ...(weight.frozen === null ? {} : { frozen: weight.frozen }),
        ...(scheme ? { applied: scheme } : {}),
      };
    }),
  };
}
