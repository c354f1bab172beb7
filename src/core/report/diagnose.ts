import type { Diagnostic, LayerReport, WeightReport } from '../../protocol/report';

/**
 * A standard deviation this many times off its recommendation is worth a word, and this many times means that a handful of layers
 * silence or blow up the signal: 3^k and 10^k over k layers.
 */
const worthAWord = 3;
const serious = 10;
/** All layers together may change the scale of the signal by this much before training has to repair it first. */
const fatalTogether = 1000;

/** What is wrong with the weights of a layer, as far as they have been measured. */
export function diagnose(layer: LayerReport): readonly Diagnostic[] {
  return layer.weights.flatMap((weight) => (weight.statistics && weight.frozen === undefined ? diagnoseWeight(layer, weight) : []));
}

function diagnoseWeight(layer: LayerReport, weight: WeightReport): readonly Diagnostic[] {
  const { statistics, recommendation } = weight;
  if (!statistics) return [];
  const about = (severity: Diagnostic['severity'], code: string, message: string, remedy: string): readonly Diagnostic[] => (
    [{ severity, code, layer: layer.name, message, remedy }]);
  const remedy = recommendation ? `Reinitialize it: ${recommendation.title}.` : 'Export the model again.';
  if (statistics.nonFinite > 0) {
    return about('error', 'non-finite-values', `${weight.name} holds ${statistics.nonFinite} values that are not finite.`, remedy);
  }
  if (weight.role !== 'kernel' || statistics.std === null || !recommendation) return [];
  if (statistics.count > 1 && statistics.std === 0) {
    return statistics.mean === 0
      ? about('error', 'all-zero-kernel', `${weight.name} is all zero: nothing passes forward or backward.`, remedy)
      : about('error', 'constant-kernel', `${weight.name} is constant: all units stay equal (symmetry).`, remedy);
  }
  const ratio = statistics.std / recommendation.std;
  const off = Math.max(ratio, 1 / ratio);
  if (off < worthAWord || statistics.count < 16) return [];
  const direction = ratio > 1 ? 'wide' : 'narrow';
  const following = layer.activation === 'linear' ? 'its fan-in' : layer.activation;
  const numbers = `σ ${format(statistics.std)}, recommended ${format(recommendation.std)}`;
  const message = `${weight.name} is ${format(off)}× too ${direction} for ${following}: ${numbers}.`;
  return about(off >= serious ? 'error' : 'warning', 'wrong-scale', message, remedy);
}

function format(value: number): string {
  const magnitude = Math.abs(value);
  return magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e6) ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

/** σ' ≤ 1/4, so a sigmoid passes on at most this share of the gradient's variance (Glorot & Bengio 2010, section 3.1). */
const sigmoidShare = 1 / 16;
/** This many of them leave less than 1e-6 of the gradient's variance. */
const longSigmoidChain = 5;

/** What is wrong with the network as a whole, whatever its weights. */
export function diagnoseNetwork(layers: readonly LayerReport[]): readonly Diagnostic[] {
  const sigmoids = layers.filter((layer) => layer.activation === 'Sigmoid' && layer.normalization === null
    && layer.weights.some((weight) => weight.role === 'kernel' && (weight.fanOut ?? 0) > 1));
  if (sigmoids.length < longSigmoidChain) return [];
  const left = format(sigmoidShare ** sigmoids.length);
  return [{
    severity: 'warning', code: 'sigmoid-chain', layer: null,
    message: `${sigmoids.length} sigmoids in a row pass on at most ${left} of the gradient's variance; no initialiser cures that.`,
    remedy: 'Use tanh or ReLU between the layers, or normalise.',
  }];
}

/** One sentence that answers whether the network can learn from where its weights start. */
export function headline(layers: readonly LayerReport[], diagnostics: readonly Diagnostic[], measuring: boolean): {
  readonly text: string; readonly severity: 'ok' | 'info' | 'warning' | 'error';
} {
  const kernels = layers.filter((layer) => layer.weights.some((weight) => weight.role === 'kernel' && weight.frozen === undefined));
  if (kernels.length === 0) return { severity: 'info', text: 'There is nothing to initialise: no layer of this model has a weight that Initscope can set.' };
  const affected = (severity: Diagnostic['severity']): readonly Diagnostic[] => (
    unique(diagnostics.filter((found) => found.severity === severity && found.layer !== null)));
  const errors = affected('error');
  const warnings = affected('warning');
  const worst = errors.length > 0 ? errors : warnings;
  const first = worst[0];
  if (first) {
    const together = combinedScale(kernels);
    const fatal = errors.length > 0 || together > fatalTogether || together < 1 / fatalTogether;
    const more = worst.length > 1 && together !== 0 ? ` Together the layers scale the signal by ${format(together)}.` : '';
    const verb = fatal ? 'will not carry a signal at its scale' : 'do not start at the recommended scale';
    return { severity: fatal ? 'error' : 'warning', text: `${worst.length} of ${kernels.length} layers ${verb}: ${first.message}${more}` };
  }
  const general = diagnostics.find((found) => found.severity !== 'info' && found.layer === null);
  if (general) return { severity: general.severity === 'error' ? 'error' : 'warning', text: `${general.message} ${general.remedy}` };
  if (measuring) return { severity: 'info', text: `${kernels.length} layers with kernels; measuring their weights…` };
  return { severity: 'ok', text: `All ${kernels.length} kernels are within ${worthAWord}× of the scale their layers need.` };
}

/** Product over the layers of the kernel's standard deviation over its recommended one: what a chain of linear layers would do. */
function combinedScale(layers: readonly LayerReport[]): number {
  return layers.reduce((product, layer) => {
    const kernel = layer.weights.find((weight) => weight.role === 'kernel');
    const [is, should] = [kernel?.statistics?.std, kernel?.recommendation?.std];
    // A normalisation behind the layer restores the scale, whatever the weights.
    return is == null || !should || layer.normalization !== null ? product : product * (is / should);
  }, 1);
}

function unique(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((diagnostic) => [diagnostic.layer, diagnostic])).values()];
}
