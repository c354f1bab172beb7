/** What weights drawn independently can do at best for a stack, by theory. Bundled and run by test/account/scale.mjs: WIDTH DEPTH…; prints JSON. */
import { operators } from '../../src/core/ops/registry';
import { activationMoments, expectation } from '../../src/core/ops/quadrature';
import type { Activation } from '../../src/core/ops/spec';
import { swish } from '../../src/core/layers/patterns';
import { varianceSlope } from '../../src/core/theory/criticality';

/** As our own language spells them, by their ONNX operator. */
const spelled = {
  'relu': 'Relu', 'leaky-relu': 'LeakyRelu', 'prelu': 'PRelu', 'elu': 'Elu', 'selu': 'Selu', 'gelu': 'Gelu', 'silu': 'Silu', 'mish': 'Mish',
  'hard-silu': 'HardSwish', 'tanh': 'Tanh',
} as const;

/** How a stack starts: the variance K its first layer makes, and C_W / fan_in and C_b of the weights and biases of all that follow. */
interface Start {
  readonly variance: number;
  readonly weights: number;
  readonly biases: number;
}

function scalarOf(op: string): Activation {
  if (op === 'Silu') return swish(1);
  // A PRelu learns its slope from 1/4 (He et al. 2015, section 2.1).
  const attributes = op === 'PRelu' ? { alpha: { kind: 'float' as const, value: 0.25 } } : {};
  const name = op === 'PRelu' ? 'LeakyRelu' : op;
  const found = operators.get(name)?.activation?.({ op: name, domain: '', name, inputs: ['x'], outputs: ['y'], attributes }, () => null);
  if (!found) throw new Error(`${op} is no activation.`);
  return found;
}

/**
 * Starts on the edge of chaos: variances K that stay, C_W E f² + C_b = K, with gradients that keep their variance, C_W E f′² = 1 (Schoenholz et al. 2017).
 * Of infinite width nothing changes over the depth of such a stack, so what differs is how draws of a finite width wander.
 */
function edgeOf(activation: Activation): readonly Start[] {
  return tried.flatMap((variance) => {
    const { second, slope } = activationMoments(activation, Math.sqrt(variance));
    const biases = variance - second / slope;
    return biases < -1e-9 * variance ? [] : [{ variance, weights: 1 / slope, biases: Math.max(0, biases) }];
  });
}
const tried = [1, 0.1, 0.2, 0.5, 1.5, 2, 3, 5];

/**
 * Chance that one sample's second moments, and its gradients' variances, stay within a factor of 4. Their logarithms take steps of variance
 * (E f⁴ / (E f²)² − 1) / width and (3 E f′⁴ / (E f′²)² − 1) / width at each layer (Hanin & Rolnick 2018, theorem 5: 5 / width of ReLU), the former of
 * which χ∥ remains at the next.
 */
function chanceOf(activation: Activation, depth: number, width: number, { variance, weights, biases }: Start): number {
  const moment = (f: (x: number) => number): number => expectation(activation, Math.sqrt(variance), f);
  const { f, df } = activation;
  const [second, slope] = [moment((x) => f(x) ** 2), moment((x) => df(x) ** 2)];
  const share = weights * second / (weights * second + biases);
  const forward = share * Math.sqrt((moment((x) => f(x) ** 4) / second ** 2 - 1) / width);
  const backward = Math.sqrt((3 * moment((x) => df(x) ** 4) / slope ** 2 - 1) / width);
  return within(depth, forward, weights * varianceSlope(activation, variance)) * within(depth, backward, 1);
}

/** Share of walks of so many steps, each of which keeps a part of what was before, whose ends are at most a factor of 4 apart. */
function within(depth: number, step: number, kept: number): number {
  let count = 0;
  for (let walk = 0; walk < walks; walk++) {
    let [at, low, high] = [0, 0, 0];
    for (let layer = 1; layer < depth; layer++) {
      at = kept * at + step * normal();
      [low, high] = [Math.min(low, at), Math.max(high, at)];
    }
    if (high - low <= Math.log(4)) count++;
  }
  return count / walks;
}

const walks = 2000;
/** Mulberry32: the same numbers in every run. */
let state = 1;
function uniform(): number {
  state = (state + 0x6D2B79F5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

const [width = 256, ...depths] = process.argv.slice(2).map(Number);
const rows = Object.entries(spelled).flatMap(([activation, op]) => {
  const scalar = scalarOf(op);
  const starts = edgeOf(scalar);
  return depths.map((depth) => {
    const judged = starts.map((start) => ({ start, chance: chanceOf(scalar, depth, width, start) }));
    const best = judged.reduce((one, other) => (other.chance > one.chance ? other : one));
    return { activation, depth, ...best };
  });
});
process.stdout.write(JSON.stringify(rows));
