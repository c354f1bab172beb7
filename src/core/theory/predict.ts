// Mean, second moment and what samples have in common, of every value of a network, and the second moment of its gradient: from the moments of its
// weights alone (Poole et al. 2016; Schoenholz et al. 2017), through the whole graph.

import type { LossKind, ThroughTime } from '../../protocol/simulation';
import { isFloat } from '../graph/dtype';
import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import type { Layer } from '../layers/layer';
import type { WrittenOut } from '../layers/normalization';
import { fanInBehind, isHiddenBehind } from './behind';
import { isCausal } from './causal';
import type { Known } from './context';
import { StepContext } from './context';
import { throughActivation } from './elementRules';
import { isFixed, isReal } from '../layers/source';
import { fixedNumber } from './fixedNumber';
import type { Backward, Gradient } from './gradient';
import { sumOf } from './gradient';
import type { Centre } from './normRules';
import { normalised, throughNorm } from './normRules';
import { gradientsOf } from './lossGradient';
import type { EachSignal, Kernel, Mode, MomentContext, MomentRule } from './rule';
import { ruleOf } from './rules';
import type { Signal, TensorMoments } from './signal';
import { bend, constantSignal, nothing, numberOf, one, scaleAndShift, standardNormal } from './signal';
import type { Step, Way } from './way';
import { isSilent, wayThrough } from './way';
import type { WeightGradients } from './weightGradient';
import { weightGradients } from './weightGradient';

export interface Assumed {
  /** Of a stored tensor by its id; null where nothing is known. */
  readonly momentsOf: (id: string) => TensorMoments | null;
  /** Of a value; null where it is not known. */
  readonly shapeOf: (value: string) => readonly number[] | null;
  /** Of the inputs of the network. */
  readonly inputs?: Signal;
  readonly mode?: Mode;
  /** What gradients are of: noise of unit variance at the outputs where nothing is said. */
  readonly loss?: LossKind;
}

export interface Prediction {
  readonly signals: ReadonlyMap<string, Signal>;
  /** Where those of the outputs are noise of unit variance. */
  readonly gradients: ReadonlyMap<string, Gradient>;
  /** Worked out for whoever asks: those that judge a network ask for none. */
  readonly weightGradients: () => WeightGradients;
  /** Operators behind which nothing is known until the next norm, and why. */
  readonly unpredicted: readonly { readonly node: Node; readonly why: string }[];
  /** Of an operator that has steps; null of others. */
  readonly throughTime: (node: Node) => ThroughTime | null;
}

export function predict(index: GraphIndex, layers: readonly Layer[], assumed: Assumed): Prediction {
  return new Predicting(index, layers, assumed).result();
}

/** Forward alone, into a map that `momentsOf` may look at, since what a kernel is advised answers what it reads. */
export function predictSignals(index: GraphIndex, layers: readonly Layer[], assumed: Assumed, signals: Map<string, Signal>): void {
  new Predicting(index, layers, assumed, signals).forward();
}

const epsilon = 1e-5;

class Predicting {
  readonly #index: GraphIndex;
  readonly #way: Way;
  readonly #assumed: Assumed;
  readonly #layers: readonly Layer[];
  readonly #kernels: ReadonlyMap<Node, Layer>;
  readonly #known: Known;
  readonly #contexts = new Map<Node, MomentContext>();
  readonly #signals: Map<string, Signal>;
  readonly #constants = new Map<string, Signal>();
  readonly #gradients = new Map<string, Gradient>();
  readonly #unpredicted: { readonly node: Node; readonly why: string }[] = [];

  constructor(index: GraphIndex, layers: readonly Layer[], assumed: Assumed, signals = new Map<string, Signal>()) {
    this.#signals = signals;
    this.#index = index;
    this.#way = wayThrough(index);
    this.#assumed = assumed;
    this.#layers = layers;
    this.#kernels = new Map(layers.map((layer) => [layer.node, layer]));
    this.#known = {
      mode: assumed.mode ?? {}, shape: (value) => this.#shapeOf(value), gradient: (value) => this.#gradients.get(value) ?? null, isKnown: this.#isKnown,
      signalOf: (value) => this.#signals.get(value), constantAt: (value) => this.#constantAt(value),
      fanInBehind: (value) => fanInBehind(index, value, (node) => this.#kernelOf(node), (input) => this.#signals.has(input)),
      isHiddenBehind: (value) => isHiddenBehind(index, value),
      storedAt: (value) => this.#stored(value) ?? this.#constants.get(value) ?? null, kernelOf: (node) => this.#kernelOf(node),
    };
  }

  forward(): void {
    for (const { name, dtype } of this.#index.graph.inputs) if (isFloat(dtype)) this.#signals.set(name, this.#assumed.inputs ?? standardNormal);
    for (const step of this.#way.steps) this.#forward(step);
  }

  result(): Prediction {
    this.forward();
    const { steps } = this.#way;
    const begins = gradientsOf(this.#index, this.#assumed.loss ?? 'noise', this.#signals, (value) => this.#shapeOf(value));
    for (const [value, gradient] of begins) this.#gradients.set(value, gradient);
    for (const step of steps.toReversed()) this.#backward(step);
    const ofWeights = (): WeightGradients => weightGradients({
      index: this.#index, layers: this.#layers, contextOf: (node) => this.#contextOf(node), gradientAt: (node) => this.#gradientAt(node),
      signalOf: this.#known.signalOf, shape: this.#known.shape, storedId: (value) => this.#way.stored(value)?.tensor.id ?? null,
    });
    return {
      signals: this.#signals, gradients: this.#gradients, weightGradients: ofWeights, unpredicted: this.#unpredicted,
      throughTime: (node) => this.#throughTime(node),
    };
  }

  #throughTime(node: Node): ThroughTime | null {
    return this.#signals.has(node.inputs[0] ?? '') ? ruleOf(node)?.throughTime?.(this.#contextOf(node)) ?? null : null;
  }

  #forward(step: Step): void {
    const { node, output, of } = step;
    const found = this.#made(step);
    if (typeof found === 'string') {
      if (found !== '' && !step.isInside) this.#unpredicted.push({ node, why: found });
    } else if ('each' in found) {
      for (const [i, signal] of found.each.entries()) if (node.outputs[i]) this.#signals.set(node.outputs[i], signal);
    } else if (of !== undefined) {
      this.#signals.set(output, found);
    } else {
      for (const each of node.outputs) if (each !== '') this.#signals.set(each, found);
    }
  }

  /** What comes out of a step; why that cannot be said, as a clause, and an empty one where there is nothing to be said. */
  #made({ node, output, of, activation, written, rule, read }: Step): Signal | EachSignal | string {
    if (of !== undefined) {
      const from = this.#signals.get(of) ?? (written ? standardNormal : null);
      if (!from) return '';
      return activation ? bend(from, activation) : this.#normalise(from, written);
    }
    if (!rule) return isFixedNode(node, this.#signals) || isSilent(node) ? '' : `of ${node.op} nothing is known`;
    const context = this.#contextOf(node);
    if (rule.restores === undefined) {
      // A constant is no signal, whatever is done to it.
      if (read.length > 0 && !read.some((input) => this.#signals.has(input))) {
        if (!this.#kernels.has(node) && read.every(this.#isKnown)) this.#keepConstant(output, rule.forward(context));
        return '';
      }
      const unknown = read.find((input) => !this.#isKnown(input));
      if (unknown !== undefined && !rule.tolerates?.(context)) return this.#isFixed(unknown) ? `the values of ${unknown} are not known` : '';
    }
    const result = rule.forward(context);
    if ('why' in result) return result.why;
    if (!('each' in result ? result.each.every(isFinite) : isFinite(result))) return 'its moments are beyond all numbers';
    if ('each' in result) return result;
    return result.row !== undefined && isCausal(this.#index, node) ? { ...result, causal: true } : result;
  }

  /** What becomes of tensors of numbers on their way to a signal, as of a class token that is repeated for each sample. */
  #keepConstant(output: string, found: ReturnType<MomentRule['forward']>): void {
    if (!('why' in found) && !('each' in found)) this.#constants.set(output, found);
  }

  /** Of floats that are stored, or made of such, or of sizes. */
  #constantAt(value: string): Signal | null {
    const made = this.#constants.get(value);
    if (made || value === '') return made ?? null;
    const source = this.#way.stored(value);
    if (source) {
      const moments = this.#stored(value);
      return moments && isReal(source) ? constantSignal(moments, source.shape) : null;
    }
    if (!this.#isFixed(value)) return null;
    const number = fixedNumber(this.#index, value, (of) => this.#shapeOf(of));
    return number === null ? null : constantSignal(numberOf(number));
  }

  readonly #isKnown = (value: string): boolean => {
    if (this.#signals.has(value) || this.#constants.has(value)) return true;
    const source = this.#way.stored(value);
    return source ? isReal(source) && this.#stored(value) !== null : this.#constantAt(value) !== null;
  };

  /** It comes from stored tensors and sizes alone. */
  #isFixed(value: string): boolean {
    return isFixed(this.#index, value);
  }

  #shapeOf(value: string): readonly number[] | null {
    return this.#assumed.shapeOf(value) ?? this.#way.stored(value)?.shape ?? null;
  }

  #normalise(from: Signal, written: WrittenOut | undefined): Signal {
    const [scale, shift] = [written?.scale, written?.shift].map((node) => (node ? this.#storedAmong(node) : null));
    return scaleAndShift(normalised(from, centreOf(written), epsilon), scale ?? one, shift ?? nothing);
  }

  #storedAmong(node: Node): TensorMoments | null {
    for (const input of node.inputs) {
      const moments = this.#stored(input);
      if (moments) return moments;
    }
    return null;
  }

  #backward(step: Step): void {
    const { node, output, of, activation, written, rule, data } = step;
    const y = this.#signals.get(output);
    const gradient = y && this.#gradientAt(node);
    if (!gradient) return;
    if (of !== undefined) {
      const from = this.#signals.get(of);
      const scale = (written?.scale && this.#storedAmong(written.scale)) ?? one;
      const through = !from ? null : activation ? throughActivation(activation, from, y)
        : throughNorm(from, centreOf(written), epsilon, scale);
      this.#arrive(of, gradient, through);
      return;
    }
    if (!rule) return;
    const context = this.#contextOf(node);
    for (const position of data) {
      const input = node.inputs[position] ?? '';
      if (this.#signals.has(input)) this.#arrive(input, gradient, rule.backward(context, position, y));
    }
  }

  /** Of all outputs together. */
  #gradientAt({ outputs }: Node): Gradient | undefined {
    if (outputs.length === 1) return this.#gradients.get(outputs[0] ?? '');
    const arrived = outputs.map((each) => this.#gradients.get(each)).filter((each) => each !== undefined);
    return arrived.length === 0 ? undefined : arrived.reduce(sumOf);
  }

  #arrive(value: string, gradient: Gradient, through: Backward | null): void {
    if (!through) return;
    const [arrived, known] = [through(gradient), this.#gradients.get(value)];
    if (!Number.isFinite(arrived.second) || !Number.isFinite(arrived.local)) return;
    this.#gradients.set(value, known ? sumOf(known, arrived) : arrived);
  }

  #contextOf(node: Node): MomentContext {
    let context = this.#contexts.get(node);
    if (!context) this.#contexts.set(node, context = new StepContext(node, this.#known));
    return context;
  }

  #kernelOf(node: Node): Kernel | null {
    const weight = this.#kernels.get(node)?.weights.find(({ role, fans }) => role === 'kernel' && fans !== null);
    const moments = weight && this.#assumed.momentsOf(weight.id);
    if (!weight?.fans || !moments) return null;
    const { computed, fans } = weight;
    if (!computed) return { moments, fans };
    const std = Math.sqrt(moments.second) ** computed.power * computed.factor;
    return { moments: { mean: 0, second: std ** 2 }, fans };
  }

  #stored(value: string): TensorMoments | null {
    const source = this.#way.stored(value);
    if (!source) return null;
    const { tensor: { id, values, fill } } = source;
    const known = this.#assumed.momentsOf(id);
    if (known) return known;
    if (fill !== undefined) return { mean: fill, second: fill ** 2 };
    if (!values || values.length === 0) return null;
    const sum = (of: (value: number) => number): number => values.reduce((total, each) => total + of(each), 0) / values.length;
    return { mean: sum((each) => each), second: sum((each) => each ** 2) };
  }
}

const isFinite = ({ mean, second, common, local, apart }: Signal): boolean => (
  Number.isFinite(mean) && Number.isFinite(second) && Number.isFinite(common) && Number.isFinite(local) && Number.isFinite(apart));

/** Of a norm that is written out. */
const centreOf = (written: WrittenOut | undefined): Centre => (written?.op === 'RMSNormalization' ? 'none' : 'over units');

/** Whether a node works out a shape, an index or a mask, and no signal. */
function isFixedNode(node: Node, signals: ReadonlyMap<string, Signal>): boolean {
  return node.inputs.every((input) => !signals.has(input));
}
