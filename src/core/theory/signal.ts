// What is known of the elements of a value in a network whose weights are drawn at random, and what becomes of it.

import type { Activation } from '../ops/spec';
import { bentBy, together } from './borders';
import type { Profile } from './borders';
import type { ActivationIntegrals } from './activationIntegrals';
import { activationIntegrals } from './activationIntegrals';
import { isScaleInvariant } from './criticality';
import type { Law } from './law';
import { isWide } from './law';

/** Over the units of a value, its positions, and the samples that it is computed from; of wide layers, whose weights are independent. */
export interface Signal {
  /** E x */
  readonly mean: number;
  /** E x² */
  readonly second: number;
  /** E x x′ of a unit at two samples. */
  readonly common: number;
  /** E x x′ of a unit at two positions of a sample. */
  readonly local: number;
  /** E x x′ of a unit at two positions, each of another sample. */
  readonly apart: number;
  /** Of scores: E x x′ within a row, which is of positions then; elsewhere a row is of units, which have nothing but their mean in common. */
  readonly row?: number;
  /** Of scores that are hidden from those that come later. */
  readonly causal?: boolean;
  /** Of a constant that units have each their own of: which. */
  readonly law?: Law;
  /** Of constants that are so many times the sum of what is weighed. */
  readonly leans?: number;
  /** Where x is a weighed sum: of what. */
  readonly weighed?: { readonly of: Signal; readonly weights: TensorMoments; readonly fanIn: number };
  /** Where units lie further apart, each by a constant of its own, than a unit varies: what varies, and the constants. */
  readonly spread?: { readonly around: Signal; readonly law: Law };
  /** Where x is f(z) of a normal z, and what that has of f where units are alike. */
  readonly bent?: { readonly activation: Activation; readonly from: Signal; readonly integrals?: ActivationIntegrals };
  /** Where x is the softmax of scores. */
  readonly softmax?: Softmax;
  /** Where places of an image are not alike, since zeros lie around it. */
  readonly profile?: Profile;
  /** Where positions are steps of a recurrent layer. */
  readonly steps?: Steps;
}

/** Steps are not alike, and what two of them share depends on how far apart they are. */
export interface Steps {
  readonly last: Signal;
  /** E x x′ of a unit at two steps, of one sample or of two. */
  readonly between: (of: 'own' | 'other', t: number, s: number) => number;
}

export interface Softmax {
  /** Scores of a row. */
  readonly length: number;
  /** E Σ p²: how unequal the weights of a row are. */
  readonly squared: number;
  /** E Σ p p′ of two rows: how much of what they weigh is the same. */
  readonly overlap: number;
}

/** Of a stored tensor, over its elements. */
export interface TensorMoments {
  readonly mean: number;
  readonly second: number;
  readonly law?: Law;
  /** Of biases: how many times the sum of the weights of its unit each is. */
  readonly leans?: number;
  /** Of gates that lie in one tensor, each in its turn. */
  readonly parts?: readonly TensorMoments[];
}

/** Unit variance, each sample and position by itself: what a network is fed where nothing else is said. */
export const standardNormal: Signal = { mean: 0, second: 1, common: 0, local: 0, apart: 0 };

/** A stored tensor as a signal: the same for all samples, and for all positions unless it has other numbers for each, as a position table has. */
export function constantSignal({ mean, second, law, leans }: TensorMoments, shape: readonly number[] = []): Signal {
  const isPlaced = shape.filter((size) => size > 1).length > 1;
  const elsewhere = isPlaced ? mean ** 2 : second;
  return { mean, second, common: second, local: elsewhere, apart: elsewhere, ...(law && !isPlaced ? { law } : {}), ...(leans === undefined ? {}
    : { leans }) };
}

export const varianceOf = ({ mean, second }: TensorMoments): number => Math.max(0, second - mean ** 2);

/** What two samples have in common, as the cosine between all that a layer says of them. */
export const cosineOf = ({ second }: Signal, common: number): number => (second === 0 ? 1 : common / second);

/** Correlation of a unit's values that have so much in common: 1 where it is the same for all. */
export function correlationOf(signal: TensorMoments, common: number): number {
  const variance = varianceOf(signal);
  return variance === 0 ? 1 : Math.min(1, Math.max(-1, (common - signal.mean ** 2) / variance));
}

/** The signal with each of its products of two elements, at one place or at two, changed alike; and its mean. */
function mapped(
  { mean, second, common, local, apart, row, causal }: Signal, ofMean: (mean: number) => number, ofProduct: (product: number) => number,
): Signal {
  const own = row === undefined ? {} : { row: ofProduct(row), ...(causal === undefined ? {} : { causal }) };
  return { mean: ofMean(mean), second: ofProduct(second), common: ofProduct(common), local: ofProduct(local), apart: ofProduct(apart), ...own };
}

/** f of a normal signal (Poole et al. 2016, eqs. 3 and 5); of units that lie far apart, of each by itself. */
export function bend(signal: Signal, activation: Activation): Signal {
  if (signal.spread) return { ...mixed(signal.spread, (unit) => bentWhole(unit, activation)), bent: { activation, from: signal } };
  return bentWhole(signal, activation);
}

function bentWhole(signal: Signal, activation: Activation): Signal {
  const integrals = integralsOf(signal, activation);
  const of = (common: number): number => integrals.between(correlationOf(signal, common));
  const bent = { bent: { activation, from: signal, integrals } };
  const { mean, second } = integrals;
  if (!signal.profile) return { mean, second, common: of(signal.common), local: of(signal.local), apart: of(signal.apart), ...bent };
  const { profile, grown } = bentBy(signal.profile, exponentOf(signal, activation, integrals));
  return { mean, second: second * grown, common: of(signal.common) * grown, local: of(signal.local), apart: of(signal.apart), ...bent, profile };
}

/** d ln E f² / d ln K: how much of a difference between variances comes out. */
function exponentOf(signal: Signal, activation: Activation, { second }: ActivationIntegrals): number {
  if (isScaleInvariant(activation)) return 1;
  const step = 1.2;
  const wider = activationIntegrals(activation, step * Math.sqrt(varianceOf(signal)), step * signal.mean);
  return second > 0 ? Math.max(0, Math.log(wider.second / second) / (2 * Math.log(step))) : 1;
}

/** What a function makes of a normal signal; of `bent`, where that is what it has made, it is known. */
export function integralsOf(signal: Signal, activation: Activation, { bent }: Partial<Signal> = {}): ActivationIntegrals {
  if (bent?.integrals && bent.from === signal) return bent.integrals;
  return activationIntegrals(activation, Math.sqrt(varianceOf(signal)), signal.mean);
}

/** Moments over units, of those at each constant. */
function mixed({ around, law }: NonNullable<Signal['spread']>, of: (unit: Signal) => Signal): Signal {
  const parts = law.map(({ at, share }) => ({ share, unit: of(shifted(around, at)) }));
  const over = (pick: (unit: Signal) => number): number => parts.reduce((sum, { share, unit }) => sum + share * pick(unit), 0);
  return eachMoment((of) => over(of));
}

export const shifted = (signal: Signal, by: number): Signal => scaleAndShift(signal, one, numberOf(by));

/** Σ w x over `fanIn` inputs, w independent (He et al. 2015, eq. 6; with the mean that weights or inputs have). */
export function weigh(signal: Signal, { mean: m, second: w }: TensorMoments, fanIn: number): Signal {
  const between = fanIn * (fanIn - 1) * (m * signal.mean) ** 2;
  const { mean, second, common, local, apart } = mapped(signal, (x) => fanIn * m * x, (product) => fanIn * w * product + between);
  return { mean, second, common, local, apart, weighed: { of: signal, weights: { mean: m, second: w }, fanIn } };
}

/** g x + b, unit by unit. */
export function scaleAndShift(signal: Signal, g: TensorMoments, b: TensorMoments): Signal {
  const mixed = 2 * signal.mean * g.mean * b.mean + b.second;
  const made = mapped(signal, (mean) => mean * g.mean + b.mean, (product) => product * g.second + mixed);
  return withProfile(made, together(signal.profile, signal.second * g.second, undefined, b.second));
}

export const nothing: TensorMoments = { mean: 0, second: 0 };
export const one: TensorMoments = { mean: 1, second: 1 };
export const numberOf = (value: number): TensorMoments => ({ mean: value, second: value ** 2 });

/** Of independent ones. */
export function add(a: Signal, b: Signal): Signal {
  if (b.leans !== undefined && a.weighed) return leaning(a.weighed, b.leans);
  if (a.leans !== undefined && b.weighed) return leaning(b.weighed, a.leans);
  const both = 2 * a.mean * b.mean;
  const [around, law] = b.law ? [a, b.law] : [b, a.law];
  const spread = law && isWide(law, varianceOf(around)) ? { spread: { around, law } } : {};
  return withProfile({
    mean: a.mean + b.mean, second: a.second + b.second + both, common: a.common + b.common + both, local: a.local + b.local + both,
    apart: a.apart + b.apart + both, ...spread,
  }, together(a.profile, a.second, b.profile, b.second));
}

/** Of a signal that has just been made, and nobody else has: copies of such are most of the time that theory of a large network takes. */
export const withProfile = (made: Signal, profile: Profile | null | undefined): Signal => (profile ? Object.assign(made, { profile }) : made);

/** Σ w x + λ Σ w = Σ w (x + λ): biases that follow their weights move what is read. */
const leaning = ({ of, weights, fanIn }: NonNullable<Signal['weighed']>, by: number): Signal => weigh(shifted(of, by), weights, fanIn);

export function multiply(a: Signal, b: Signal): Signal {
  const row = a.row === undefined ? {} : { row: a.row * b.second };
  return { ...eachMoment((of) => of(a) * of(b)), ...row };
}

/** The mean of its elements at `count` positions. */
export function average({ mean, second, common, local, apart }: Signal, count: number): Signal {
  return { mean, second: local + (second - local) / count, common: apart + (common - apart) / count, local, apart };
}

/** One with each of its moments worked out alike. */
export const eachMoment = (of: (pick: (signal: Signal) => number) => number): Signal => ({
  mean: of(({ mean }) => mean), second: of(({ second }) => second), common: of(({ common }) => common), local: of(({ local }) => local),
  apart: of(({ apart }) => apart),
});
