import type { Recommendation } from '../../protocol/report';
import type { SchemeId } from '../../protocol/schemes';
import type { Layer, LayerWeight } from '../layers/layer';
import { forwardGain } from '../ops/quadrature';
import type { Activation, Fans } from '../ops/spec';
import type { Resolved } from './schemes';
import { schemeOf } from './schemes';

/** What a weight should start from, and how it would be drawn; null where it is left alone. */
export interface Advice {
  readonly resolved: Resolved;
  readonly recommendation: Recommendation;
}

/** Activations that saturate on both sides around a linear middle: Xavier's assumption (Glorot & Bengio 2010, section 4.2.1). */
const saturating = new Set(['Tanh', 'Sigmoid', 'HardSigmoid', 'Softsign']);

/** The recommendation for a weight in its layer. */
export function recommend(layer: Layer, weight: LayerWeight): Advice | null {
  if (weight.frozen !== null) return null;
  switch (weight.role) {
    case 'kernel': case 'recurrent': return weight.fans ? kernelAdvice(layer, weight.fans) : null;
    case 'bias': case 'peephole': return constant(0, 'Biases start at zero: the weights already break the symmetry.', 'Glorot & Bengio 2010, section 2.3');
    case 'gamma': return constant(1, 'A scale of 1 leaves the normalised signal as it is.', 'Ioffe & Szegedy 2015, section 3');
    case 'beta': return constant(0, 'A shift of 0 leaves the normalised signal as it is.', 'Ioffe & Szegedy 2015, section 3');
    case 'running mean': return constant(0, 'Statistics of the old weights do not hold for new ones.', 'Ioffe & Szegedy 2015, algorithm 2');
    case 'running variance': return constant(1, 'Statistics of the old weights do not hold for new ones.', 'Ioffe & Szegedy 2015, algorithm 2');
    case 'slope': return constant(0.25, 'The slope its authors start from.', 'He et al. 2015, section 2.1');
    case 'embedding': {
      const resolved = schemeOf('lecun-normal').resolve({ fanIn: 1, fanOut: 1 });
      const reason = 'Looking a row up is a product with a one-hot vector, so fan_in is 1 and unit variance comes out.';
      return advise('lecun-normal', { ...resolved, title: 'Normal' }, reason, 'LeCun et al. 1998, eq. 16 with fan_in = 1');
    }
    case 'frozen': return null;
  }
}

function kernelAdvice(layer: Layer, fans: Fans): Advice {
  const activation = layer.activation;
  if (layer.feedsProduct && (!activation || activation.name === 'Softmax')) {
    const reason = 'Its output is multiplied with another projection (attention): gain 1 keeps both directions.';
    return by('xavier-normal', fans, reason, 'Glorot & Bengio 2010, eq. 12; Vaswani et al. 2017');
  }
  if (!activation) {
    const where = layer.isHead ? 'It is the output of the network' : 'No activation follows';
    const reason = `${where}: gain 1 keeps the variance of what it reads.`;
    return by('lecun-normal', fans, reason, 'LeCun et al. 1998, eq. 16');
  }
  const { name, scalar } = activation;
  if (!scalar) return by('xavier-normal', fans, `${name} follows: Xavier keeps logits and their gradient in scale.`, 'Glorot & Bengio 2010, eq. 12');
  if (saturating.has(name)) {
    const extra = name === 'Tanh' ? ' (PyTorch’s convention multiplies by 5/3; gain 1 is the edge of chaos)' : '';
    return by('xavier-normal', fans, `${name} follows, which is linear around 0${extra}.`, 'Glorot & Bengio 2010, eq. 12');
  }
  if (name === 'Selu') return by('lecun-normal', fans, 'SELU follows, which normalises itself at σ² = 1 / fan_in.', 'Klambauer et al. 2017, section 3');
  const slope = rectifierSlope(scalar);
  if (slope !== null) {
    const gain = Math.sqrt(2 / (1 + slope ** 2));
    const reason = slope === 0 ? `${name} follows, which halves the second moment.` : `${name} follows with slope ${round(slope)} for negative input.`;
    return by('he-normal', fans, reason, slope === 0 ? 'He et al. 2015, eq. 10' : 'He et al. 2015, eq. 15', gain);
  }
  const gain = forwardGain(scalar);
  const reason = `${name} follows: gain ${round(gain)} = 1/√E[f²] keeps the second moment of what it passes on.`;
  return by('lecun-normal', fans, reason, 'He et al. 2015, eq. 7, with E[f²] by quadrature', gain);
}

/** Slope a of max(x, ax), also where the positive side is cut off far out (ReLU6); null for anything else. */
function rectifierSlope({ f, kinks }: Activation): number | null {
  const linear = kinks.includes(0) && f(0) === 0 && Math.abs(f(1) - 1) < 1e-12 && Math.abs(f(2) - 2) < 1e-12;
  return linear && Math.abs(f(-2) - 2 * f(-1)) < 1e-12 ? -f(-1) : null;
}

function by(id: Exclude<SchemeId, 'recommended'>, fans: Fans, reason: string, source: string, gain?: number): Advice {
  const scheme = schemeOf(id);
  const resolved = scheme.resolve(fans, gain);
  const plain = scheme.resolve(fans).gain;
  const title = resolved.gain === plain || resolved.gain === null ? resolved.title : `${resolved.title}, gain ${round(resolved.gain)}`;
  return advise(id, { ...resolved, title }, reason, source);
}

function advise(scheme: Recommendation['scheme'], resolved: Resolved, reason: string, source: string): Advice {
  const { sampler, mode, gain, std, bound, title } = resolved;
  return { resolved, recommendation: { scheme, mode, distribution: sampler.kind, gain, std, bound, title, reason, source } };
}

function constant(value: number, reason: string, source: string): Advice {
  const title = value === 0 ? 'Zeros' : value === 1 ? 'Ones' : `Constant ${value}`;
  const resolved: Resolved = { sampler: { kind: 'constant', value }, mode: null, gain: null, std: 0, bound: value, title };
  return advise(value === 0 ? 'zeros' : value === 1 ? 'ones' : 'constant', resolved, reason, source);
}

const round = (value: number): string => String(Number(value.toPrecision(3)));
