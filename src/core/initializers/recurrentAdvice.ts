import type { Layer, LayerPart, LayerWeight } from '../layers/layer';
import type { Fans } from '../ops/spec';
import { say } from '../../protocol/words';
import type { Advice } from './advice';
import { adviseParts, adviseScheme, isCovered } from './advice';
import type { Resolved } from './resolved';
import { constant } from './resolved';

/** A QR decomposition costs n³: beyond this width independent normals of the same scale take its place. */
const widestOrthogonal = 1024;

/** Of the input kernel W of a recurrent layer, gate by gate. */
export function inputAdvice(layer: Layer, weight: LayerWeight, fans: Fans): Advice {
  const { activations } = layer.node.attributes;
  const isRectified = layer.op === 'RNN' && activations?.kind === 'strings' && activations.value.every((name) => name.toLowerCase() === 'relu');
  if (isRectified) {
    return adviseScheme(weight, fans, 'he-normal', { reason: say('ReLU follows, which halves the second moment.'), source: 'He et al. 2015, eq. 10' });
  }
  const reason = layer.op === 'RNN' ? say('Tanh follows: Xavier, with the fans of one.')
    : say('Gates are sigmoids and tanh, each a matrix of its own: Xavier, with the fans of one.');
  return adviseScheme(weight, fans, 'xavier-normal', { reason, source: 'Glorot & Bengio 2010, eq. 12' });
}

/** Of the recurrent kernel R: what is multiplied with itself at every step must neither grow nor shrink. */
export function recurrentAdvice(weight: LayerWeight, fans: Fans): Advice {
  const isSmall = weight.parts.every((part) => Math.max(part.rows, part.columns) <= widestOrthogonal);
  if (weight.parts.length === 0 || !isCovered(weight) || !isSmall) {
    const reason = isSmall ? say('Its gates lie scattered in the file: normals of the scale of an orthogonal matrix.')
      : say('An orthogonal matrix of more than {0} rows takes minutes: normals of its scale.', widestOrthogonal);
    return adviseScheme(weight, fans, 'lecun-normal', { reason, source: 'LeCun et al. 1998, eq. 16' });
  }
  const reason = weight.parts.length > 1
    ? say('Each gate is multiplied with the state at every step: all singular values are 1, so that nothing grows or vanishes.')
    : say('It is multiplied with the state at every step: all singular values are 1, so that nothing grows or vanishes.');
  const grounds = { reason, source: 'Saxe et al. 2014, section 3' };
  return adviseParts(weight, 'orthogonal', (part) => (part ? orthogonal(part) : constant(0)), grounds);
}

function orthogonal({ rows, columns }: LayerPart): Resolved {
  const std = 1 / Math.sqrt(Math.max(rows, columns));
  return { sampler: { kind: 'orthogonal', gain: 1, rows, columns }, mode: null, gain: 1, std, bound: null, title: 'Orthogonal' };
}

/** Of the biases: an LSTM's forget gate starts open. Of its two biases, which are added, only that of W is set. */
export function gateBiasAdvice(weight: LayerWeight): Advice {
  const isForget = (part: LayerPart | null): boolean => part?.name.startsWith('forget gate') ?? false;
  const hasForget = weight.parts.some(isForget) && isCovered(weight);
  const grounds = hasForget
    ? { reason: say('A forget gate that starts open keeps the memory; all else starts at zero.'), source: 'Gers et al. 2000; Jozefowicz et al. 2015' }
    : { reason: say('Biases start at zero: the weights already break the symmetry.'), source: 'Glorot & Bengio 2010, section 2.3' };
  const title = hasForget ? 'Zeros, forget gate 1' : 'Zeros';
  return adviseParts(weight, hasForget ? 'constant' : 'zeros', (part) => constant(hasForget && isForget(part) ? 1 : 0), grounds, title);
}
