import { elementCount } from '../graph/dtype';
import type { Layer, LayerWeight } from '../layers/layer';
import { isRecurrent, lowRankFactor } from '../layers/layer';
import type { Fans } from '../ops/spec';
import { say } from '../../protocol/words';
import type { Advice, Grounds } from './advice';
import { adviseConstant, adviseParts, rounded } from './advice';
import { centredAdvice } from './centredSigmoid';
import { startOf } from './chainAdvice';
import { kernelAdvice, startingSlope } from './kernelAdvice';
import { gainAdvice } from './gainAdvice';
import { gateBiasAdvice, inputAdvice, recurrentAdvice } from './recurrentAdvice';
import { distribute, uniformBetween } from './resolved';
import { decayAdvice, stepAdvice, stepKernelAdvice } from './stateSpaceAdvice';
import { asTableToo, tableAdvice } from './tableAdvice';

/** Gains are integrals: what has been advised once is remembered with its layer. */
const advised = new WeakMap<Layer, Map<LayerWeight, Advice | null>>();

/** The recommendation for a weight in its layer; null where it is left alone. */
export function recommend(layer: Layer, weight: LayerWeight): Advice | null {
  const ofLayer = advised.get(layer) ?? new Map<LayerWeight, Advice | null>();
  advised.set(layer, ofLayer);
  const known = ofLayer.get(weight);
  if (known !== undefined) return known;
  const advice = adviseOn(layer, weight);
  ofLayer.set(weight, advice);
  return advice;
}

function adviseOn(layer: Layer, weight: LayerWeight): Advice | null {
  if (weight.frozen !== null) return null;
  const { fans, kernelUse } = weight;
  if (weight.role === 'kernel' && kernelUse) return sharedAdvice(kernelUse);
  switch (weight.role) {
    case 'kernel':
      if (fans && weight.isStep) return stepKernelAdvice(weight, fans);
      if (fans && weight.computed === lowRankFactor) return firstFactorAdvice(weight, fans);
      return fans && (centredAdvice(layer, weight)
        ?? (isRecurrent(layer) ? inputAdvice(layer, weight, fans) : asTableToo(kernelAdvice(layer, weight, fans), weight.tableUse)));
    case 'recurrent': return fans && recurrentAdvice(weight, fans);
    case 'bias': return isRecurrent(layer) ? gateBiasAdvice(weight) : biasAdvice(layer, weight);
    case 'magnitude': return magnitudeAdvice(layer, weight);
    case 'update': return adviseConstant(weight, 0, noUpdate);
    case 'gain': return gainAdvice(weight);
    case 'step': return stepAdvice(weight);
    case 'decay': return decayAdvice(weight);
    case 'peephole': return adviseConstant(weight, 0, { reason: say('The gates begin without a view of the cell.'), source: 'Gers et al. 2002' });
    case 'gamma': return adviseConstant(weight, 1, layer.residual ? openBranch : neutral(say('A scale of 1 leaves the normalised signal as it is.')));
    case 'beta': return adviseConstant(weight, 0, neutral(say('A shift of 0 leaves the normalised signal as it is.')));
    case 'running mean': return adviseConstant(weight, 0, staleStatistics);
    case 'running variance': return varianceAdvice(layer, weight);
    case 'slope': return adviseConstant(weight, startingSlope, { reason: say('The slope its authors start from.'), source: 'He et al. 2015, section 2.1' });
    case 'embedding': return tableAdvice(weight);
    case 'frozen': return null;
  }
}

const neutral = (reason: string): Grounds => ({ reason, source: 'Ioffe & Szegedy 2015, section 3' });
const staleStatistics: Grounds = { reason: say('Statistics of the old weights do not hold for new ones.'), source: 'Ioffe & Szegedy 2015, algorithm 2' };
/** At 0, which Goyal et al. set for batches of thousands, small networks lose the first steps: 2.1 instead of 0.3 after 60, by SGD and Adam alike. */
const openBranch: Grounds = {
  reason: say('It ends a residual branch: at 1 the branch learns from the first step. At 0 (Zero γ) the block starts as the identity, which is for very large '
    + 'batches, and costs small ones their first steps.'),
  source: 'Ioffe & Szegedy 2015, section 3; Goyal et al. 2017, section 5.1',
};

/** `kaiming_uniform_(A, a=√5)`, which is U(±1/√fan_in), in the authors' code as in PEFT's. */
function firstFactorAdvice(weight: LayerWeight, { fanIn }: Fans): Advice {
  const bound = fanIn ** -0.5;
  const reason = say('It is the first factor of a low-rank update (LoRA), whose second one starts at zero: its scale is that of the first steps.');
  const drawn = { ...uniformBetween(bound), mode: 'fan_in', gain: 1 / Math.sqrt(3), title: `U(±${rounded(bound)})` } as const;
  return adviseParts(weight, 'pytorch', () => drawn, { reason, source: 'Hu et al. 2021, section 4.1, the authors’ code' });
}

const noUpdate: Grounds = { reason: say('A low-rank update starts from nothing: the layer is as it was.'), source: 'Hu et al. 2021, section 4.1' };

function biasAdvice(layer: Layer, weight: LayerWeight): Advice {
  const centred = centredAdvice(layer, weight);
  if (centred) return centred;
  const start = startOf(layer);
  if (start?.kind !== 'critical') return adviseConstant(weight, 0, biasGrounds(layer));
  const std = Math.sqrt(start.point.biases);
  const reason = say('Before {0}, {1} times in a row, biases of variance {2} hold signals up that would fade without them; with zeros a deep stack grows or '
    + 'fades.', layer.activation?.name ?? '', layer.chain?.depth ?? 0, rounded(std ** 2));
  const resolved = { ...distribute('normal', std), mode: null, gain: null, title: `Normal, σ ${rounded(std)}` };
  return adviseParts(weight, 'normal', () => resolved, { reason, source: start.source });
}

function biasGrounds({ isHead, activation }: Layer): Grounds {
  const isOutput = isHead || activation?.name === 'Softmax' || activation?.name === 'LogSoftmax';
  return isOutput
    ? { reason: say('All classes start alike; where they are not equally frequent, start from the log of their shares.'),
      source: 'Lin et al. 2017, section 3.3' }
    : { reason: say('Biases start at zero: the weights already break the symmetry.'), source: 'Glorot & Bengio 2010, section 2.3' };
}

/** g of w = g v / ‖v‖: the expected length of a kernel of the scale that its layer should have, σ √n of n elements. */
function magnitudeAdvice(layer: Layer, weight: LayerWeight): Advice | null {
  const kernel = layer.weights.find(({ role, fans }) => role === 'kernel' && fans !== null);
  if (!kernel?.fans) return null;
  const elements = elementCount(kernel.tensor.shape) / elementCount(weight.tensor.shape);
  const { std, title } = kernelAdvice(layer, kernel, kernel.fans).recommendation;
  const reason = say('It is the length of each kernel of {0} weights, whose direction is {1}: as long as {2} makes them.', elements, kernel.name, title);
  return adviseConstant(weight, std * Math.sqrt(elements), { reason, source: 'Salimans & Kingma 2016, eq. 2' });
}

/** Of a batch normalisation; of one that standardises a kernel, the variance that the kernel is drawn with. */
function varianceAdvice(layer: Layer, weight: LayerWeight): Advice {
  const kernel = layer.weights.find(({ role, computed }) => role === 'kernel' && computed?.power === 0);
  if (!kernel?.fans) return adviseConstant(weight, 1, staleStatistics);
  const { std } = kernelAdvice(layer, kernel, kernel.fans).recommendation;
  return adviseConstant(weight, std ** 2, { ...staleStatistics, reason: say('It is the variance of {0}, which is drawn anew.', kernel.name) });
}

/** A kernel of several layers is drawn once, for the first of them. */
function sharedAdvice({ layer, weight }: NonNullable<LayerWeight['kernelUse']>): Advice | null {
  const advice = recommend(layer, weight);
  const reason = say('The same tensor is the kernel of {0}, for which it is drawn. {1}', layer.name, advice?.recommendation.reason ?? '').trimEnd();
  return advice && { ...advice, recommendation: { ...advice.recommendation, reason } };
}
