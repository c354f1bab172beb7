import type { SchemeOptions } from '../../protocol/schemes';
import { say, sayOf } from '../../protocol/words';
import type { Layer } from '../layers/layer';
import { centredBias, centredKernel, centredStart, isSigmoid } from './centredSigmoid';
import { fansOf } from './momentScheme';
import type { Network } from './network';
import { gainOption, numberOption } from './options';
import { uniformBetween } from './resolved';
import type { Drawn, Place, Scheme } from './scheme';
import { drawConstant, drawParts, drawWhole } from './scheme';

const group = 'For one activation';
const rounded = (value: number): string => String(Number(value.toPrecision(3)));

/** ω₀ of the authors. */
const usualFrequency = 30;

/** Where a function is compared with a sine. */
const places = [-1.3, 0.07, 0.4, 2.9];
const precision = 1e-4;

/** What a graph multiplies with before the sine behind a layer: of sin(ωx) the slope at 0; null where none follows. */
function sineFrequency(layer: Layer | undefined): number | null {
  const scalar = layer?.activation?.scalar;
  const frequency = scalar?.df(0) ?? 0;
  const isSine = scalar && frequency !== 0 && places.every((x) => Math.abs(scalar.f(x) - Math.sin(frequency * x)) < precision);
  return isSine ? Math.abs(frequency) : null;
}

/**
 * Where the graph multiplies with ω₀ itself, weights are those of the paper; where it does not, ω₀ is folded into them. What reads the sines last is
 * drawn like the others, undivided by what the graph does, as the authors' code has it (modules.py, sine_init).
 */
function drawSiren({ layer, weight, network }: Place, { omega }: SchemeOptions): Drawn | null {
  const before = sineFrequency(network.makers.get(layer.reads));
  const own = sineFrequency(layer);
  if (weight.role !== 'kernel' || (own === null && before === null)) return null;
  const written = own ?? before ?? 1;
  const frequency = omega ?? (written === 1 ? usualFrequency : written);
  return drawParts(weight, (part) => {
    const { fanIn } = fansOf(weight, part?.fans ?? null);
    const bound = before === null ? frequency / (written * fanIn) : Math.sqrt(6 / fanIn) / (own ?? frequency);
    return { ...uniformBetween(bound), mode: null, gain: null, title: before === null ? `SIREN, first layer, ω₀ ${rounded(frequency)}` : 'SIREN' };
  });
}

function sirenNotes({ layers }: Network): readonly string[] {
  const frequencies = [...new Set(layers.flatMap((layer) => sineFrequency(layer) ?? []))];
  if (frequencies.length === 0) return [say('No layer was found that a sine follows: the scheme has nothing of its own to do here.')];
  return frequencies.includes(1) ? [say('The graph multiplies nothing before its sines: ω₀ is a part of the weights, whose gradient is smaller by as much.')]
    : [];
}

function drawCentred({ layer, weight, network }: Place, { gain = 1 }: SchemeOptions): Drawn | null {
  const start = centredStart(layer, isSigmoid(network.makers.get(layer.reads)));
  if (!start) return null;
  const resolved = centredKernel(fansOf(start.kernel, null), start, gain);
  if (weight.id === start.kernel.id) return drawWhole(resolved);
  if (weight.role !== 'bias') return null;
  const bias = centredBias(start, resolved);
  return bias ? drawWhole(bias) : drawConstant(0);
}

function centredNotes(network: Network): readonly string[] {
  const { layers, makers } = network;
  const reading = layers.filter((layer) => isSigmoid(makers.get(layer.reads)) && layer.weights.some(({ role }) => role === 'kernel'));
  if (!layers.some(isSigmoid)) return [say('No layer was found that a sigmoid follows: the scheme has nothing of its own to do here.')];
  const left = reading.filter((layer) => centredStart(layer, true) === null);
  const isPadded = reading.some(({ node: { attributes: { pads, auto_pad: auto } } }) => (
    (pads?.kind === 'ints' && pads.value.some((pad) => pad > 0)) || (auto?.kind === 'string' && auto.value.startsWith('SAME'))));
  return [
    ...(left.length === 0 ? [] : [
      sayOf(left.length, '{0} layer that read a sigmoid have no bias of their own, or are stored in another order: they start as recommended.',
        '{0} layers that read a sigmoid have no bias of their own, or are stored in another order: they start as recommended.'),
    ]),
    ...(isPadded ? [say('Convolutions pad with zeros, which are not the middle of a sigmoid: at the border the network is not that of tanh.')] : []),
  ];
}

export const activationSchemes: readonly Scheme[] = [
  {
    id: 'siren', title: 'SIREN', group, formula: '|w| ≤ √(6 / fan_in) / ω₀; 1 / fan_in in the first layer', options: [numberOption('omega', null)],
    when: say('In networks of sines that represent a signal: arguments of the sines have unit variance in every layer.'),
    source: 'Sitzmann et al. 2020, section 3.2', draw: drawSiren, notes: sirenNotes,
  },
  {
    id: 'centred-sigmoid', title: 'Centred sigmoid', group, formula: 'w = 4 · Xavier, b = −½ Σ w', options: [gainOption(1)],
    when: say('In stacks of sigmoids: weights and biases make them the same network with tanh, whose signal does not wander off into saturation.'),
    source: 'LeCun et al. 1998, section 4.4 (why activations are to be centred); Glorot & Bengio 2010, eq. 12', draw: drawCentred, notes: centredNotes,
  },
];
