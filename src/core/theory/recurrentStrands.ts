// The mean field of RNN, GRU and LSTM through time: moments of their states, and of gradients, gates being independent of one another and of the state.

import type { Activation } from '../ops/spec';
import type { Direction, Gate, Widths } from './gateParts';
import { Bent, Course, Pairs, both } from './pairs';
import type { Of } from './pairs';
import type { Arrived, Reading, Strand } from './recurrence';
import { GateCourse, backwards, stateBefore } from './recurrence';

const identity: Activation = { f: (x) => x, df: () => 1, kinks: [] };
const closed: Gate = { input: { mean: 0, second: 0 }, recurrent: { mean: 0, second: 0 }, bias: { mean: 0, second: 0 },
  recurrentBias: { mean: 0, second: 0 }, peephole: { mean: 0, second: 0 } };

function gateAt({ gates, functions }: Direction, gate: number, bentBy: number, widths: Widths, reading: Reading): readonly [Gate, GateCourse] {
  const found = gates[gate] ?? closed;
  return [found, new GateCourse(functions[bentBy] ?? identity, found, widths, reading)];
}

/** h_t = f(W x_t + R h_{t−1} + b). */
export function rnn(direction: Direction, widths: Widths, reading: Reading): Strand {
  const { length } = reading;
  const hidden = new Course(length);
  const [gate, course] = gateAt(direction, 0, 0, widths, reading);
  for (let t = 0; t < length; t++) {
    course.arrive(t, stateBefore(gate, widths, hidden, t));
    hidden.means[t] = course.bent.mean(t);
    for (const of of both) for (let s = 0; s <= t; s++) hidden[of].setBoth(t, s, course.bent.between(of, t, s));
  }
  const back = (arrived: Arrived): readonly Pairs[] => {
    const gradient = new Pairs(length);
    for (const [t, s] of backwards(length)) {
      const delta = arrived.hidden(t, s) + widths.hidden * gate.recurrent.second * gradient.at(t + 1, s + 1);
      gradient.setBoth(t, s, course.bent.slopesBetween(t, s) * delta);
    }
    return [gradient];
  };
  return { hidden, back };
}

/** What is added to a state, u_t, beside what is left of it: s_t = φ_t s_{t−1} + u_t, φ and u independent. */
class Leaky {
  readonly state: Course;
  readonly #with: { readonly own: Pairs; readonly other: Pairs };

  constructor(length: number) {
    this.state = new Course(length);
    // E u_t s_s
    this.#with = { own: new Pairs(length), other: new Pairs(length) };
  }

  /** `kept`: E φ, by a step; `both`: E φ φ; `added`: E u u, and `addedMean` E u. */
  arrive(t: number, kept: (s: number) => number, keptBoth: (of: Of, s: number) => number, added: (of: Of, s: number) => number, addedMean: number): void {
    this.state.means[t] = kept(t) * this.state.mean(t - 1) + addedMean;
    for (const of of both) {
      const [together, products] = [this.#with[of], this.state[of]];
      for (let s = 0; s < t; s++) {
        together.set(t, s, added(of, s) + kept(s) * together.at(t, s - 1));
        together.set(s, t, added(of, s) + kept(t) * together.at(s, t - 1));
      }
      together.set(t, t, added(of, t) + kept(t) * together.at(t, t - 1));
      for (let s = 0; s <= t; s++) {
        products.setBoth(t, s, keptBoth(of, s) * products.at(t - 1, s - 1) + kept(t) * together.at(s, t - 1) + kept(s) * together.at(t, s - 1) + added(of, s));
      }
    }
  }
}

/** As `core/ops/lstm` has it, gates i, o, f and c; of coupled gates φ = 1 − i. */
export function lstm(direction: Direction, widths: Widths, reading: Reading, isCoupled: boolean): Strand {
  const { length } = reading;
  const [[ofI, i], [ofO, o], [ofF, f], [ofC, g]] = [
    gateAt(direction, 0, 0, widths, reading), gateAt(direction, 1, 0, widths, reading), gateAt(direction, 2, 0, widths, reading),
    gateAt(direction, 3, 1, widths, reading),
  ];
  const hidden = new Course(length);
  const leaky = new Leaky(length);
  const cell = leaky.state;
  const told = new Bent(direction.functions[2] ?? identity, length);
  const kept = (t: number): number => (isCoupled ? 1 - i.bent.mean(t) : f.bent.mean(t));
  const keptBoth = (of: Of, t: number, s: number): number => (
    isCoupled ? 1 - i.bent.mean(t) - i.bent.mean(s) + i.bent.between(of, t, s) : f.bent.between(of, t, s));
  for (let t = 0; t < length; t++) {
    const before = (of: Of, s: number): number => cell[of].at(t - 1, s - 1);
    i.arrive(t, stateBefore(ofI, widths, hidden, t), before, cell.mean(t - 1));
    f.arrive(t, stateBefore(ofF, widths, hidden, t), before, cell.mean(t - 1));
    g.arrive(t, stateBefore(ofC, widths, hidden, t));
    leaky.arrive(t, kept, (of, s) => keptBoth(of, t, s), (of, s) => i.bent.between(of, t, s) * g.bent.between(of, t, s), i.bent.mean(t) * g.bent.mean(t));
    o.arrive(t, stateBefore(ofO, widths, hidden, t), (of, s) => cell[of].at(t, s), cell.mean(t));
    told.arrive(t, cell.mean(t), (of, s) => cell.covariance(of, t, s));
    hidden.means[t] = o.bent.mean(t) * told.mean(t);
    for (const of of both) for (let s = 0; s <= t; s++) hidden[of].setBoth(t, s, o.bent.between(of, t, s) * told.between(of, t, s));
  }
  const back = (arrived: Arrived): readonly Pairs[] => {
    const [toI, toO, toF, toC] = [new Pairs(length), new Pairs(length), new Pairs(length), new Pairs(length)];
    // E ε ε of the gradient at the cell, and E ε_t δ_s with that at the state.
    const [atCell, mixed] = [new Pairs(length), new Pairs(length)];
    const passes = (t: number): number => o.bent.mean(t) * told.meanSlope(t);
    for (const [t, s] of backwards(length)) {
      const returned = [[ofI, toI], [ofO, toO], [ofF, toF], [ofC, toC]] as const;
      const delta = arrived.hidden(t, s) + widths.hidden * returned.reduce((sum, [gate, to]) => sum + gate.recurrent.second * to.at(t + 1, s + 1), 0);
      const end = t === length - 1 ? arrived.cell : 0;
      // φ carries ε on; peepholes add what the gates' own gradients bring to the cell.
      const carried = keptBoth('own', t + 1, s + 1) * atCell.at(t + 1, s + 1)
        + ofI.peephole.second * toI.at(t + 1, s + 1) + ofF.peephole.second * toF.at(t + 1, s + 1);
      const own = (o.bent.between('own', t, s) * told.slopesBetween(t, s)) * delta;
      const outward = told.between('own', t, s) * o.bent.slopesBetween(t, s) * delta;
      const [later, sooner] = [t + 1 < length ? kept(t + 1) : 0, s + 1 < length ? kept(s + 1) : 0];
      const crossing = later * passes(s) * mixed.at(t + 1, s) + sooner * passes(t) * mixed.at(s + 1, t);
      const epsilon = end + own + ofO.peephole.second * outward + crossing + carried;
      atCell.setBoth(t, s, epsilon);
      mixed.set(t, s, passes(t) * delta + later * mixed.at(t + 1, s));
      mixed.set(s, t, passes(s) * delta + sooner * mixed.at(s + 1, t));
      const candidate = g.bent.between('own', t, s);
      const weighed = isCoupled ? candidate + cell.own.at(t - 1, s - 1) : candidate;
      toI.setBoth(t, s, epsilon * weighed * i.bent.slopesBetween(t, s));
      toO.setBoth(t, s, outward);
      toF.setBoth(t, s, isCoupled ? 0 : epsilon * cell.own.at(t - 1, s - 1) * f.bent.slopesBetween(t, s));
      toC.setBoth(t, s, epsilon * i.bent.between('own', t, s) * g.bent.slopesBetween(t, s));
    }
    return [toI, toO, toF, toC];
  };
  return { hidden, cell, back };
}

/** As `core/ops/gru` has it, gates z, r and n; `isLinear` where the reset gate comes behind the product. */
export function gru(direction: Direction, widths: Widths, reading: Reading, isLinear: boolean): Strand {
  const { length } = reading;
  const [[ofZ, z], [ofR, r], [ofN, n]] = [
    gateAt(direction, 0, 0, widths, reading), gateAt(direction, 1, 0, widths, reading), gateAt(direction, 2, 1, widths, reading),
  ];
  const leaky = new Leaky(length);
  const hidden = leaky.state;
  const left = (of: Of, t: number, s: number): number => 1 - z.bent.mean(t) - z.bent.mean(s) + z.bent.between(of, t, s);
  for (let t = 0; t < length; t++) {
    z.arrive(t, stateBefore(ofZ, widths, hidden, t));
    r.arrive(t, stateBefore(ofR, widths, hidden, t));
    const inner = stateBefore(ofN, widths, hidden, t);
    const reset = (of: Of, s: number): number => r.bent.between(of, t, s);
    const bias = ofN.recurrentBias;
    // r ⊙ (R h + ρ), or R (r ⊙ h) + ρ.
    n.arrive(t, {
      mean: isLinear ? r.bent.mean(t) * inner.mean : r.bent.mean(t) * (inner.mean - bias.mean) + bias.mean,
      covariance: (of, s) => {
        const variance = bias.second - bias.mean ** 2;
        return isLinear ? reset(of, s) * inner.covariance(of, s) : reset(of, s) * (inner.covariance(of, s) - variance) + variance;
      },
    });
    leaky.arrive(t, (s) => z.bent.mean(s), (of, s) => z.bent.between(of, t, s), (of, s) => left(of, t, s) * n.bent.between(of, t, s),
      (1 - z.bent.mean(t)) * n.bent.mean(t));
  }
  const back = (arrived: Arrived): readonly Pairs[] => {
    const [toZ, toR, toN] = [new Pairs(length), new Pairs(length), new Pairs(length)];
    const [atState, mixed] = [new Pairs(length), new Pairs(length)];
    const keeps = (t: number): number => (t < length ? z.bent.mean(t) : 0);
    const { hidden: width } = widths;
    for (const [t, s] of backwards(length)) {
      const behind = (pairs: Pairs): number => pairs.at(t + 1, s + 1);
      const gates = width * (ofZ.recurrent.second * behind(toZ) + ofR.recurrent.second * behind(toR)
        + ofN.recurrent.second * r.bent.between('own', t + 1, s + 1) * behind(toN));
      // What comes in at two steps that differ, and what z carries on.
      const fresh = arrived.hidden(t, s) + gates;
      const delta = fresh + z.bent.between('own', t + 1, s + 1) * behind(atState) + keeps(t + 1) * mixed.at(t + 1, s) + keeps(s + 1) * mixed.at(s + 1, t);
      atState.setBoth(t, s, delta);
      mixed.set(t, s, fresh + keeps(t + 1) * mixed.at(t + 1, s));
      mixed.set(s, t, fresh + keeps(s + 1) * mixed.at(s + 1, t));
      const candidate = left('own', t, s) * n.bent.slopesBetween(t, s) * delta;
      const before = hidden.own.at(t - 1, s - 1);
      toN.setBoth(t, s, candidate);
      toZ.setBoth(t, s, (before + n.bent.between('own', t, s)) * z.bent.slopesBetween(t, s) * delta);
      const seen = width * ofN.recurrent.second * before + (isLinear ? ofN.recurrentBias.second : 0);
      toR.setBoth(t, s, r.bent.slopesBetween(t, s) * candidate * seen);
    }
    return [toZ, toR, toN];
  };
  return { hidden, back };
}
