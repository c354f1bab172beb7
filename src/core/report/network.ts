import type { Diagnostic, LayerReport } from '../../protocol/report';
import { worthAWord } from './diagnose';
import { format, grouped } from './numbers';

/** All layers together may change the scale of the signal by this much before training has to repair it first. */
const fatalTogether = 1000;
/** σ' ≤ 1/4, so a sigmoid passes on at most this share of the gradient's variance (Glorot & Bengio 2010, section 3.1). */
const sigmoidShare = 1 / 16;
/** This many of them leave less than 1e-6 of the gradient's variance. */
const longSigmoidChain = 5;

/** Biases of −½ Σ w, w of four times Xavier's scale, are about so wide, or wider: where they are, sigmoids are tanh in other words. */
const centredBias = 1;

/** What is wrong with the network as a whole, however its kernels are scaled. */
export function diagnoseNetwork(layers: readonly LayerReport[]): readonly Diagnostic[] {
  const length = longestRun(layers.filter((layer) => layer.weights.some((weight) => weight.role === 'kernel')), isSigmoid);
  if (length < longSigmoidChain) return [];
  const left = format(sigmoidShare ** length);
  return [{
    severity: 'warning', code: 'sigmoid-chain', layer: null,
    message: `${length} sigmoids in a row, with kernels of the usual scale, pass on at most ${left} of the gradient's variance.`,
    remedy: 'Start them by Centred sigmoid, which makes tanh of them, use tanh or ReLU between the layers, or normalise.',
  }];
}

const isSigmoid = ({ activation, normalization, weights }: LayerReport): boolean => (
  activation === 'Sigmoid' && normalization === null && weights.some((weight) => weight.role === 'kernel' && (weight.fanOut ?? 0) > 1)
  && !weights.some(({ role, statistics }) => role === 'bias' && (statistics?.std ?? 0) >= centredBias));

function longestRun<T>(list: readonly T[], belongs: (item: T) => boolean): number {
  let [longest, run] = [0, 0];
  for (const item of list) {
    run = belongs(item) ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

export interface Headline {
  readonly text: string;
  readonly severity: 'ok' | 'info' | 'warning' | 'error';
}

/** One sentence that answers whether the network can learn from where its weights start. */
export function headline(layers: readonly LayerReport[], diagnostics: readonly Diagnostic[], measuring: boolean): Headline {
  const kernels = layers.filter((layer) => layer.weights.some((weight) => isKernel(weight) && weight.frozen === undefined));
  if (kernels.length === 0) return nothingToSet(layers, diagnostics);
  const first = (severity: Diagnostic['severity']): readonly Diagnostic[] => (
    unique(diagnostics.filter((found) => found.severity === severity && found.layer !== null)));
  const [errors, warnings] = [first('error'), first('warning')];
  const worst = errors.length > 0 ? errors : warnings;
  if (worst.length > 0) return ofLayers(kernels, worst, errors.length > 0);
  const general = diagnostics.find((found) => found.severity !== 'info' && found.layer === null);
  if (general) return { severity: general.severity === 'error' ? 'error' : 'warning', text: `${general.message} ${general.remedy}` };
  if (measuring) {
    const counted = kernels.length === 1 ? '1 layer with a kernel' : `${grouped(kernels.length)} layers with kernels`;
    return { severity: 'info', text: `${counted}; measuring…` };
  }
  const known = kernels.filter((layer) => layer.weights.some((weight) => isKernel(weight) && weight.statistics));
  if (known.length < kernels.length) {
    return { severity: 'info', text: `${grouped(known.length)} of ${grouped(kernels.length)} kernels have been measured; these are in scale.` };
  }
  const all = layers.filter((layer) => layer.weights.some(isKernel)).length;
  if (kernels.length < all) return ofSome(kernels.length, all);
  if (kernels.length === 1) return { severity: 'ok', text: `The kernel is within ${worthAWord}× of the scale its layer needs.` };
  return { severity: 'ok', text: `All ${grouped(kernels.length)} kernels are within ${worthAWord}× of the scale their layers need.` };
}

/** The others keep their values: of them nothing is said. */
function ofSome(judged: number, all: number): Headline {
  const [which, whose] = judged === 1 ? ['1 kernel', 'its layer needs'] : [`${grouped(judged)} kernels`, 'their layers need'];
  const verb = judged === 1 ? 'is' : 'are';
  return { severity: 'ok', text: `${which} of ${grouped(all)} ${verb} judged, and within ${worthAWord}× of the scale ${whose}. The others keep their values.` };
}

function isKernel({ role }: LayerReport['weights'][number]): boolean {
  return role === 'kernel' || role === 'recurrent' || role === 'embedding';
}

function nothingToSet(layers: readonly LayerReport[], diagnostics: readonly Diagnostic[]): Headline {
  const unreadable = diagnostics.find((found) => found.code === 'unreadable-weight');
  if (unreadable) return { severity: 'error', text: `${unreadable.message} ${unreadable.remedy}` };
  const frozen = layers.flatMap((layer) => layer.weights).find((weight) => isKernel(weight) && weight.frozen !== undefined)?.frozen;
  const why = frozen === undefined ? 'no layer of this model has a weight that Initscope can set' : `its kernels are left alone, because ${frozen}`;
  return { severity: 'info', text: `There is nothing to initialise: ${why}.` };
}

function ofLayers(kernels: readonly LayerReport[], worst: readonly Diagnostic[], isError: boolean): Headline {
  const [first] = worst;
  const [unreadable, ...others] = worst.filter((found) => found.code === 'unreadable-weight');
  if (unreadable) {
    const text = `${unreadable.message} ${unreadable.remedy}`;
    return { severity: 'error', text: others.length === 0 ? text : `Weights of ${grouped(others.length + 1)} layers cannot be read. The first: ${text}` };
  }
  const together = combinedScale(kernels);
  const fatal = isError || together > fatalTogether || together < 1 / fatalTogether;
  const more = worst.length > 1 && together !== 0 ? ` Together the layers scale the signal by ${format(together)}.` : '';
  const verb = fatal ? 'will not carry a signal at its scale' : 'do not start as they should';
  const which = `${grouped(worst.length)} of ${grouped(kernels.length)} layers`;
  return { severity: fatal ? 'error' : 'warning', text: `${which} ${verb}: ${first?.message ?? ''}${more}` };
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
