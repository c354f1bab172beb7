import type { Diagnostic, LayerReport } from '../../protocol/report';
import { say } from '../../protocol/words';
import { isTrained, trainedWords } from '../verdict/trained';
import { format } from './numbers';

/** σ' ≤ 1/4, so a sigmoid passes on at most this share of the gradient's variance (Glorot & Bengio 2010, section 3.1). */
const sigmoidShare = 1 / 16;
/** This many of them leave less than 1e-6 of the gradient's variance. */
const longSigmoidChain = 5;

/** Biases of −½ Σ w, w of four times Xavier's scale, are about so wide, or wider: where they are, sigmoids are tanh in other words. */
const centredBias = 1;

/** What is to be said of the network as a whole, however its kernels are scaled. */
export function diagnoseNetwork(layers: readonly LayerReport[]): readonly Diagnostic[] {
  return [...trainedWeights(layers), ...sigmoidChain(layers)];
}

const trainedCode = 'trained-weights';

export const isOfTrained = (diagnostics: readonly Diagnostic[]): boolean => diagnostics.some(({ code }) => code === trainedCode);

/** Known once every kernel has been measured. */
function trainedWeights(layers: readonly LayerReport[]): readonly Diagnostic[] {
  const kernels = layers.flatMap(({ weights }) => weights.filter(({ role, frozen }) => role === 'kernel' && frozen === undefined));
  if (kernels.some(({ statistics }) => statistics === null) || !isTrained(layers)) return [];
  return [{ severity: 'info', code: trainedCode, layer: null, ...trainedWords }];
}

function sigmoidChain(layers: readonly LayerReport[]): readonly Diagnostic[] {
  const length = longestRun(layers.filter((layer) => layer.weights.some((weight) => weight.role === 'kernel')), isSigmoid);
  if (length < longSigmoidChain) return [];
  const isCentred = layers.some(({ weights }) => weights.some(({ recommendation }) => recommendation?.scheme === 'centred-sigmoid'));
  const left = format(sigmoidShare ** length);
  return [{
    severity: 'warning', code: 'sigmoid-chain', layer: null,
    message: say(`{0} sigmoids in a row, with kernels of the usual scale, pass on at most {1} of the gradient's variance.`, length, left),
    remedy: isCentred ? say('Recommended starts them as the same network with tanh. Tanh or ReLU between the layers, or norms, keep it as well.')
      : say('Tanh or ReLU between the layers, or norms, keep it as well.'),
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
