// What a weight is multiplied with where a function follows, whose slope it has a part in: both are not independent.

import type { Activation } from '../ops/spec';
import type { ActivationIntegrals } from './activationIntegrals';
import { activationIntegrals } from './activationIntegrals';
import { sameFunction } from './sameFunction';
import type { Signal } from './signal';
import { correlationOf, varianceOf } from './signal';
import type { Products, Weighing } from './weighing';

/**
 * δ = f′(u) g of u = γ x̂ + s, which is normal: the part of y = γ x̂ that goes with u is b (u − E u), b = Var y / Var u, and
 * E f′ f′ y y′ = b² E h h′ + E f′ f′ (Cov y y′ − b² Cov u u′), h = (u − E u) f′(u). Given as what x̂ x̂′ is to be taken for beside E δ δ′.
 * Null where a maximum chooses by what the function makes, or units are shifted each by its own.
 */
export function besideActivation({ index, context: { node }, layer: { activation, preactivation }, signalOf }: Weighing, x: Signal): Products | null {
  const value = activation?.value ?? preactivation;
  if (index.consumers.get(value)?.some(({ op }) => op.includes('Max'))) return null;
  const [u, y] = [activation?.scalar ? signalOf(value)?.bent?.from : undefined, signalOf(node.outputs[0] ?? '')];
  if (!u || !y || !activation?.scalar) return x;
  const [variance, own] = [varianceOf(u), varianceOf(y)];
  if (u.spread || variance === 0 || own === 0) return null;
  const [f, part, scale] = [functionsOf(activation.scalar, u), (own / variance) ** 2, varianceOf(x) / own];
  const met = (pick: (signal: Signal) => number): number => {
    const [ofU, ofY] = [pick(u) - u.mean ** 2, pick(y) - y.mean ** 2];
    const correlation = correlationOf(u, pick(u));
    const slopes = f.slopes.slopesBetween(correlation);
    return slopes === 0 ? 0 : x.mean ** 2 + scale * (part * f.centred(correlation) / slopes + ofY - part * ofU);
  };
  return { second: met(({ second }) => second), common: met(({ common }) => common), local: met(({ local }) => local), apart: met(({ apart }) => apart) };
}

interface Functions {
  readonly slopes: ActivationIntegrals;
  /** E h h′, h = (u − m) f′(u). */
  readonly centred: (correlation: number) => number;
}

/** With k = u f′ and l = (u + 1) f′: E h h′ = (1 + m) E k k′ − m E l l′ + m (1 + m) E f′ f′. */
function functionsOf(activation: Activation, u: Signal): Functions {
  const [sigma, m] = [Math.sqrt(varianceOf(u)), u.mean];
  const slopes = activationIntegrals(activation, sigma, m);
  const [k, l] = timesSlope(activation).map((each) => activationIntegrals(each, sigma, m));
  return { slopes, centred: (correlation) => Math.max(0, m === 0 ? k?.between(correlation) ?? 0 : (1 + m) * (k?.between(correlation) ?? 0)
    - m * (l?.between(correlation) ?? 0) + m * (1 + m) * slopes.slopesBetween(correlation)) };
}

/**
 * δ = f′(z) g of z = Σ w x: where gradients of many places are alike, what f′ has of each x adds up, with w² of few inputs. By Stein's lemma
 * E f′ f′ x x′ = E f′ f′ E x x′ + w² Var(x)² E f″ f″, given as what x x′ is to be taken for.
 */
export function besideOwn({ layer: { activation, normalization }, context: { kernel }, gradient, signalOf }: Weighing, x: Signal, alpha: number): Signal {
  if (gradient.local === 0 && !gradient.across) return x;
  const from = activation && normalization === null ? signalOf(activation.value)?.bent?.from : undefined;
  const variance = from ? varianceOf(from) : 0;
  if (!activation?.scalar || !from || !kernel || from.spread || variance === 0) return x;
  const integrals = activationIntegrals(activation.scalar, Math.sqrt(variance), from.mean);
  const shared = alpha ** 2 * kernel.moments.second * Math.max(0, x.second - x.apart) ** 2;
  const more = (common: number): number => {
    const correlation = correlationOf(from, common);
    const slopes = integrals.slopesBetween(correlation);
    return slopes === 0 ? 0 : shared * integrals.bendsBetween(correlation) / slopes;
  };
  return { ...x, common: x.common + more(from.common), local: x.local + more(from.local), apart: x.apart + more(from.apart) };
}

const known = new WeakMap<Activation, readonly [Activation, Activation]>();

/** u f′(u) and (u + 1) f′(u); of their slopes nothing is asked. */
function timesSlope(given: Activation): readonly [Activation, Activation] {
  const activation = sameFunction(given);
  const make = (by: number): Activation => ({ f: (u) => (u + by) * activation.df(u), df: () => 0, kinks: activation.kinks });
  const found = known.get(activation) ?? [make(0), make(1)];
  known.set(activation, found);
  return found;
}
