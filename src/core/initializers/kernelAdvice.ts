import type { ComputedFrom, Layer, LayerWeight } from '../layers/layer';
import { forwardGain } from '../ops/quadrature';
import type { Activation, Fans } from '../ops/spec';
import { say } from '../../protocol/words';
import type { Advice } from './advice';
import { adviseScheme, rounded } from './advice';
import type { Choice } from './arrivalAdvice';
import { arrivalChoice, arrivalInChain, gainOf, isFar, saturating } from './arrivalAdvice';
import { arrivalAt } from './arrivals';
import { fanSchemeOf } from './fanSchemes';
import type { ChainStart } from './chainAdvice';
import { startOf } from './chainAdvice';
import { theData } from './origins';

/** What a PRelu learns its slope from, whatever it has learned (He et al. 2015, section 2.1). */
export const startingSlope = 0.25;

/** What a kernel should start from, by what follows it, and scaled down where it ends one of several residual branches. */
export function kernelAdvice(layer: Layer, weight: LayerWeight, fans: Fans): Advice {
  const choice = residualChoice(layer, parallelChoice(layer, arrivalChoice(layer, chooseScheme(layer), fans), fans), fans);
  const { computed } = weight;
  if (!computed) return adviseScheme(weight, fans, choice.id, { reason: choice.reason, source: choice.source }, choice.gain);
  const own = fanSchemeOf(choice.id).resolve(fans, choice.gain === undefined ? {} : { gain: choice.gain });
  const reason = computed.says === '' ? choice.reason : say('{0} But {1}.', choice.reason, computed.says);
  return adviseScheme(weight, fans, choice.id, { reason, source: choice.source }, gainBefore(computed, own.std, own.gain ?? 1));
}

/** The gain with which a tensor is drawn so that the kernel computed from it has that standard deviation. */
export function gainBefore({ power, factor }: ComputedFrom, std: number, gain: number): number {
  // Rounding would make another gain of the same.
  if (power === 0 || (power === 1 && factor === 1)) return gain;
  return (gain * (std / factor) ** (1 / power)) / std;
}

function chooseScheme(layer: Layer): Choice {
  const { activation } = layer;
  const start = startOf(layer);
  if (start && activation) return chainChoice(layer, activation.name, start);
  if (layer.feedsProduct && (!activation || activation.name === 'Softmax')) {
    const reason = say('Its output is multiplied with another projection (attention): gain 1 keeps both directions.');
    return { id: 'xavier-normal', reason, source: 'Glorot & Bengio 2010, eq. 12; Vaswani et al. 2017' };
  }
  if (layer.isScaleFree) return normedChoice(layer);
  if (!activation) return linearChoice(layer);
  const { name, scalar } = activation;
  if (layer.isHead && (!scalar || name === 'Sigmoid')) return answerChoice(layer, say('{0} follows, and is the answer', name));
  if (!scalar) {
    return { id: 'xavier-normal', reason: say('{0} follows: Xavier keeps logits and their gradient in scale.', name), source: 'Glorot & Bengio 2010, eq. 12' };
  }
  if (saturating.has(name)) {
    const reason = name !== 'Tanh' ? say('{0} follows, which is linear around 0.', name)
      : say('{0} follows, which is linear around 0 (PyTorch’s convention multiplies by 5/3; gain 1 is the edge of chaos).', name);
    return { id: 'xavier-normal', reason, source: 'Glorot & Bengio 2010, eq. 12' };
  }
  if (name === 'Selu') {
    return { id: 'lecun-normal', reason: say('SELU follows, which normalises itself at σ² = 1 / fan_in.'), source: 'Klambauer et al. 2017, section 3' };
  }
  const kept = forwardGain(scalar) ** -2;
  return rectifierChoice(name, name === 'PRelu' ? startingSlope : rectifierSlope(scalar)) ?? {
    id: 'lecun-normal', gain: forwardGain(scalar), reads: [kept, kept], source: 'He et al. 2015, eq. 7, with E[f²] by quadrature',
    reason: say('{0} follows: gain {1} = 1/√E[f²] keeps the second moment of what it passes on.', name, rounded(forwardGain(scalar))),
  };
}

const fanSource = (id: 'xavier-normal' | 'lecun-normal'): string => (id === 'xavier-normal' ? 'Glorot & Bengio 2010, eq. 12' : 'LeCun et al. 1998, eq. 16');

/** Of one of several layers with the same activation, whose number decides. */
function chainChoice(layer: Layer, name: string, start: ChainStart): Choice {
  const depth = layer.chain?.depth ?? 0;
  if (start.kind === 'balanced') {
    const reason = say('{0} follows, {1} times in a row, and takes a little of every signal: over that depth gain {2} loses least of signal and gradient.',
      name, depth, rounded(start.gain));
    const id = saturating.has(name) ? 'xavier-normal' : 'lecun-normal';
    return { id, gain: start.gain, reason, source: `${fanSource(id)}; the gain: Poole et al. 2016, eq. 3, and Schoenholz et al. 2017` };
  }
  const { variance, weights, biases } = start.point;
  const { source } = start;
  const reads = arrivalInChain(layer);
  if (reads === null) {
    const { second, from } = arrivalAt(layer) ?? { second: 1, from: theData };
    const gain = Math.sqrt((variance - biases) / second);
    const reason = say('It is the first of {0} layers before {1} and reads {2}, a second moment of {3}: gain {4} brings it to {5}, where signal and gradient '
      + 'keep their scale in all that follow.', depth, name, from, rounded(second), rounded(gain), rounded(variance));
    return { id: 'lecun-normal', gain, reason, source };
  }
  const reason = say('{0} follows, {1} times in a row: at variance {2}, with σ² = {3} / fan_in and biases of variance {4}, signal and gradient keep their '
    + 'scale, whatever the depth.', name, depth, rounded(variance), rounded(weights), rounded(biases));
  return { id: 'lecun-normal', gain: Math.sqrt((variance - biases) / reads), reason, source };
}

/**
 * A gradient is at right angles to a kernel whose scale a norm undoes, so that steps only ever lengthen it (Salimans & Kingma 2016, section 2.1): one that
 * starts too narrow mends itself in the first steps, one that starts too wide learns more slowly for good. As narrow as PyTorch starts all kernels,
 * |w| ≤ 1/√fan_in.
 */
const scaleFreeGain = 1 / Math.sqrt(3);

function normedChoice({ normalization }: Layer): Choice {
  const reason = say('{0} follows and undoes its scale, which only decides how fast steps turn it: narrow, as it grows by itself, and does not shrink.',
    normalization ?? say('A norm'));
  return { id: 'lecun-normal', gain: scaleFreeGain, reason, source: 'Ioffe & Szegedy 2015, section 3.3; Salimans & Kingma 2016, section 2.1' };
}

function linearChoice(layer: Layer): Choice {
  if (layer.readsProduct && !layer.isHead) {
    const reason = say('It puts the heads of attention together: gain 1 keeps both directions.');
    return { id: 'xavier-normal', reason, source: 'Glorot & Bengio 2010, eq. 12; Vaswani et al. 2017' };
  }
  if (layer.isHead && layer.residual === null) return answerChoice(layer, say('It is the output of the network'));
  const second = arrivalInChain(layer);
  if (second !== null) {
    const reason = say('No activation follows: it reads a second moment of {0}, and makes a variance of 1 of it.', rounded(second));
    return { id: 'lecun-normal', gain: 1 / Math.sqrt(second), reason, source: 'LeCun et al. 1998, eq. 16' };
  }
  return { id: 'lecun-normal', reason: say('No activation follows: gain 1 keeps the variance of what it reads.'), source: 'LeCun et al. 1998, eq. 16' };
}

/**
 * What a network says before it has learned anything is noise: of variance v it costs v/2 of cross-entropy (Taylor, of log Σ exp z), or v of squared
 * error, and training has to take that back first. None at all would let no gradient through. A third is what PyTorch's own start makes of unit variance.
 */
const answerVariance = 1 / 3;

function answerChoice(layer: Layer, where: string): Choice {
  const arrival = arrivalAt(layer);
  const second = arrivalInChain(layer) ?? (arrival && isFar(arrival.second, 1) ? arrival.second : 1);
  const gain = Math.sqrt(answerVariance / second);
  const numbers = [where, rounded(second), rounded(gain)] as const;
  const reason = !arrival ? say('{0}: of a second moment of {1} gain {2} makes a variance of a third, so that there is little to unlearn.', ...numbers)
    : arrival.from === theData
      ? say('{0}: of a second moment of {1} that the data have gain {2} makes a variance of a third, so that there is little to unlearn.', ...numbers)
      : say('{0}: of a second moment of {1} that comes from {3} gain {2} makes a variance of a third, so that there is little to unlearn.',
        ...numbers, arrival.from);
  return { id: 'lecun-normal', gain, reason, source: 'LeCun et al. 1998, eq. 16; the third: torch.nn.Linear', isAnswering: true };
}

/** By eq. 8 what is read has half of the variance before the rectifier, by what is handed on it has all of it: its scale is kept either way. */
function rectifierChoice(name: string, slope: number | null): Choice | null {
  if (slope === null) return null;
  const kept = (1 + slope ** 2) / 2;
  if (slope === 0) return { id: 'he-normal', reads: [kept, 1], reason: say('{0} follows, which halves the second moment.', name),
    source: 'He et al. 2015, eq. 10' };
  const reason = name === 'PRelu' ? say('{0} follows, starting from slope {1} for negative input.', name, rounded(slope))
    : say('{0} follows, with slope {1} for negative input.', name, rounded(slope));
  return { id: 'he-normal', gain: kept ** -0.5, reads: [kept, 1], reason, source: 'He et al. 2015, eq. 15' };
}

/** Slope a of max(x, ax), also where the positive side is cut off far out (ReLU6); null for anything else. */
function rectifierSlope({ f, kinks }: Activation): number | null {
  const linear = kinks.includes(0) && f(0) === 0 && Math.abs(f(1) - 1) < 1e-12 && Math.abs(f(2) - 2) < 1e-12;
  return linear && Math.abs(f(-2) - 2 * f(-1)) < 1e-12 ? -f(-1) : null;
}

/** N branches of unit variance add up to N: each is scaled by 1/√N, unless a normalisation at its end or behind the sum sets its scale. */
function residualChoice({ residual }: Layer, choice: Choice, fans: Fans): Choice {
  if (residual?.normalization !== null) return choice;
  const { adding, hasGain } = residual;
  if (hasGain) return { ...choice, reason: say('It ends a residual branch that something learned multiplies, which sets its scale. {0}', choice.reason) };
  if (adding === 0) return { ...choice, reason: say('It ends a residual branch whose sum is normalised, so that nothing adds up. {0}', choice.reason) };
  if (adding < 2) return choice;
  const gain = gainOf(choice, fans);
  const reason = say('It ends one of {0} residual branches without a norm: 1/√{1} keeps their sum in scale. {2}', adding, adding, choice.reason);
  return { ...choice, gain: gain / Math.sqrt(adding), reason, source: `${choice.source}; Radford et al. 2019, section 2.3` };
}

/** The variances of k products that are added up: each is scaled by 1/√k. */
function parallelChoice({ parallel = 1, normalization }: Layer, choice: Choice, fans: Fans): Choice {
  if (parallel < 2 || normalization !== null) return choice;
  const gain = gainOf(choice, fans) / Math.sqrt(parallel);
  const reason = say('It is one of {0} products that are added: 1/√{1} keeps their sum in scale. {2}', parallel, parallel, choice.reason);
  return { ...choice, gain, reason, source: `${choice.source}, for a sum over all of them` };
}
