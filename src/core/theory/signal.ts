// What is known of the elements of a value in a network whose weights are drawn at random, and what becomes of it.

import { activationMoments } from '../ops/quadrature';
import type { Activation } from '../ops/spec';
import { correlated } from './correlation';

/** Over the units of a value, its positions, and the samples that it is computed from; of wide layers, whose weights are independent. */
export interface Signal {
  /** E x */
  readonly mean: number;
  /** E x² */
  readonly second: number;
  /** E x(a) x(b) of a unit at two samples, or two positions: x has this much in common wherever it is looked at. */
  readonly common: number;
  /** Of scores: E x x′ within a row, which is of positions then; elsewhere a row is of units, which have nothing but their mean in common. */
  readonly row?: number;
  /** Where x is f(z) of a normal z. */
  readonly bent?: { readonly activation: Activation; readonly from: Signal };
  /** Where x is the softmax of scores: over how many, and their variance within a row. */
  readonly softmax?: { readonly length: number; readonly variance: number };
}

/** Of a stored tensor, over its elements. */
export interface TensorMoments {
  readonly mean: number;
  readonly second: number;
}

/** Unit variance, each sample and position by itself: what a network is fed where nothing else is said. */
export const standardNormal: Signal = { mean: 0, second: 1, common: 0 };

export const varianceOf = ({ mean, second }: Pick<Signal, 'mean' | 'second'>): number => Math.max(0, second - mean ** 2);

/** Correlation of a unit's value at two samples: 1 where it is the same for all. */
export function correlationOf(signal: Signal): number {
  const variance = varianceOf(signal);
  return variance === 0 ? 1 : Math.min(1, Math.max(-1, (signal.common - signal.mean ** 2) / variance));
}

/** What two samples have in common, as the cosine between all that a layer says of them. */
export const cosineOf = ({ second, common }: Signal): number => (second === 0 ? 1 : common / second);

/** f of a normal signal (Poole et al. 2016, eqs. 3 and 5). */
export function bend(signal: Signal, activation: Activation): Signal {
  const sigma = Math.sqrt(varianceOf(signal));
  const { mean, second } = activationMoments(activation, sigma, signal.mean);
  return { mean, second, common: correlated(activation, sigma, signal.mean, correlationOf(signal)), bent: { activation, from: signal } };
}

/** Σ w x over `fanIn` inputs, w independent (He et al. 2015, eq. 6; with the mean that weights or inputs have). */
export function weigh({ mean, second, common }: Signal, { mean: m, second: w }: TensorMoments, fanIn: number): Signal {
  const between = fanIn * (fanIn - 1) * (m * mean) ** 2;
  return { mean: fanIn * m * mean, second: fanIn * w * second + between, common: fanIn * w * common + between };
}

/** g x + b, unit by unit. */
export function scaleAndShift({ mean, second, common, row }: Signal, g: TensorMoments, b: TensorMoments): Signal {
  const mixed = 2 * mean * g.mean * b.mean + b.second;
  const own = row === undefined ? {} : { row: row * g.second + mixed };
  return { mean: mean * g.mean + b.mean, second: second * g.second + mixed, common: common * g.second + mixed, ...own };
}

export const nothing: TensorMoments = { mean: 0, second: 0 };
export const one: TensorMoments = { mean: 1, second: 1 };
export const numberOf = (value: number): TensorMoments => ({ mean: value, second: value ** 2 });

/** Of independent ones. */
export function add(a: Signal, b: Signal): Signal {
  const mixed = 2 * a.mean * b.mean;
  return { mean: a.mean + b.mean, second: a.second + b.second + mixed, common: a.common + b.common + mixed };
}

export function multiply(a: Signal, b: Signal): Signal {
  const row = a.row === undefined ? {} : { row: a.row * b.second };
  return { mean: a.mean * b.mean, second: a.second * b.second, common: a.common * b.common, ...row };
}

/** The mean of `count` of its elements, at so many positions. */
export function average({ mean, second, common }: Signal, count: number): Signal {
  return { mean, second: common + (second - common) / count, common };
}
