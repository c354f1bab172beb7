// Mean, second moment and what samples have in common, of every value of a network, and the second moment of its gradient: from the moments of its
// weights alone (Poole et al. 2016; Schoenholz et al. 2017), through the whole graph.

import { isFloat } from '../graph/dtype';
import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { usersOf } from '../graph/order';
import type { Layer } from '../layers/layer';
import type { WrittenOut } from '../layers/normalization';
import { writtenOutNormalizations } from '../layers/normalization';
import type { FoundActivation } from '../layers/patterns';
import { activationOf } from '../layers/patterns';
import { storedSource } from '../layers/source';
import { specOf } from '../ops/registry';
import type { Activation } from '../ops/spec';
import { isCausal } from './causal';
import { throughActivation } from './elementRules';
import type { Backward, Gradient } from './gradient';
import { sumOf } from './gradient';
import type { Centre } from './normRules';
import { normalised, throughNorm } from './normRules';
import { lookUp } from './productRules';
import type { Kernel, MomentContext, MomentRule } from './rule';
import { dataOf } from './rule';
import { ruleOf } from './rules';
import type { Signal, TensorMoments } from './signal';
import { bend, constantSignal, nothing, one, scaleAndShift, standardNormal } from './signal';

export interface Assumed {
  /** Of a stored tensor by its id; null where nothing is known. */
  readonly momentsOf: (id: string) => TensorMoments | null;
  /** Of a value; null where it is not known. */
  readonly shapeOf: (value: string) => readonly number[] | null;
  /** Of the inputs of the network. */
  readonly inputs?: Signal;
}

export interface Prediction {
  readonly signals: ReadonlyMap<string, Signal>;
  /** Where those of the outputs are noise of unit variance. */
  readonly gradients: ReadonlyMap<string, Gradient>;
  /** Operators behind which nothing is known until the next norm, and why. */
  readonly unpredicted: readonly { readonly node: Node; readonly why: string }[];
}

export function predict(index: GraphIndex, layers: readonly Layer[], assumed: Assumed): Prediction {
  return new Predicting(index, layers, assumed).result();
}

/** A step of the way: one node, or several that are one function or one norm. */
interface Step {
  readonly node: Node;
  readonly output: string;
  /** The value that it is a function of, where not the inputs of the node. */
  readonly of?: string;
  readonly activation?: Activation;
  readonly written?: WrittenOut;
  readonly rule: MomentRule | null;
}

/** Every scheme goes the same way. */
const stepsKnown = new WeakMap<GraphIndex, readonly Step[]>();

const epsilon = 1e-5;

class Predicting {
  readonly #index: GraphIndex;
  readonly #assumed: Assumed;
  readonly #kernels: ReadonlyMap<Node, Layer>;
  readonly #signals = new Map<string, Signal>();
  readonly #gradients = new Map<string, Gradient>();
  readonly #unpredicted: { readonly node: Node; readonly why: string }[] = [];

  constructor(index: GraphIndex, layers: readonly Layer[], assumed: Assumed) {
    this.#index = index;
    this.#assumed = assumed;
    this.#kernels = new Map(layers.map((layer) => [layer.node, layer]));
  }

  result(): Prediction {
    for (const { name, dtype } of this.#index.graph.inputs) if (isFloat(dtype)) this.#signals.set(name, this.#assumed.inputs ?? standardNormal);
    const steps = stepsKnown.get(this.#index) ?? this.#steps();
    stepsKnown.set(this.#index, steps);
    for (const step of steps) this.#forward(step);
    for (const { name } of this.#index.graph.outputs) if (this.#signals.has(name)) this.#gradients.set(name, { second: 1, local: 0 });
    for (const step of steps.toReversed()) this.#backward(step);
    return { signals: this.#signals, gradients: this.#gradients, unpredicted: this.#unpredicted };
  }

  /** In the order of the graph, an activation or norm that is written with several nodes where it ends. */
  #steps(): readonly Step[] {
    const norms = new Map([...writtenOutNormalizations(this.#index)].map(([of, written]) => [written.node, { of, written }]));
    const bent = new Map<string, { readonly of: string; readonly found: FoundActivation }>();
    for (const { outputs } of this.#index.graph.nodes) {
      for (const of of outputs) {
        const found = this.#isBent(of) ? activationOf(this.#index, of) : null;
        if (found?.scalar) bent.set(found.value, { of, found });
      }
    }
    return this.#index.graph.nodes.flatMap((node): readonly Step[] => {
      const norm = norms.get(node);
      const output = node.outputs.find((each) => each !== '');
      if (output === undefined) return [];
      if (norm) return [{ node, output, of: norm.of, written: norm.written, rule: null }];
      const activation = bent.get(output);
      if (activation?.found.scalar) return [{ node, output, of: activation.of, activation: activation.found.scalar, rule: null }];
      return [{ node, output, rule: this.#isLookUp(node) ? lookUp : ruleOf(node) }];
    });
  }

  /** Whether a value may be the input of a function that is written with several operators: two of them read it, or one that is no function by itself. */
  #isBent(value: string): boolean {
    const users = usersOf(this.#index, value);
    return users.length > 1 || users.some(({ node }) => node.domain !== '' || spelling.has(node.op));
  }

  #isLookUp({ op, inputs }: Node): boolean {
    return op === 'Gather' && storedSource(this.#index, inputs[0] ?? '') !== null;
  }

  #forward(step: Step): void {
    const { node, output, of, activation, written, rule } = step;
    const found = ((): Signal | string => {
      if (of !== undefined) {
        const from = this.#signals.get(of) ?? (written ? standardNormal : null);
        if (!from) return '';
        return activation ? bend(from, activation) : this.#normalise(from, written);
      }
      if (!rule) return isFixedNode(node, this.#signals) || isSilent(node) ? '' : `of ${node.op} nothing is known`;
      const data = dataOf(rule, node).map((position) => node.inputs[position] ?? '');
      // A constant is no signal, whatever is done to it.
      if (data.length > 0 && data.every((input) => !this.#signals.has(input)) && rule.restores === undefined) return '';
      const unknown = data.find((input) => !this.#signals.has(input) && !this.#stored(input));
      if (unknown !== undefined && rule.restores === undefined) return storedSource(this.#index, unknown) ? `the values of ${unknown} are not known` : '';
      const result = rule.forward(this.#context(node));
      if ('why' in result) return result.why;
      if (![result.mean, result.second, result.common, result.local].every(Number.isFinite)) return 'its moments are beyond all numbers';
      return result.row !== undefined && isCausal(this.#index, node) ? { ...result, causal: true } : result;
    })();
    if (typeof found !== 'string') for (const each of node.outputs) if (each !== '') this.#signals.set(of === undefined ? each : output, found);
    if (typeof found === 'string' && found !== '') this.#unpredicted.push({ node, why: found });
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

  #backward({ node, output, of, activation, written, rule }: Step): void {
    const y = this.#signals.get(output);
    const arrived = node.outputs.map((each) => this.#gradients.get(each)).filter((each) => each !== undefined);
    if (!y || arrived.length === 0) return;
    const gradient = arrived.reduce(sumOf);
    if (of !== undefined) {
      const from = this.#signals.get(of);
      const scale = (written?.scale && this.#storedAmong(written.scale)) ?? one;
      const through = !from ? null : activation ? throughActivation(activation, from)
        : throughNorm(from, centreOf(written), epsilon, scale);
      this.#arrive(of, gradient, through);
      return;
    }
    if (!rule) return;
    const context = { ...this.#context(node), y };
    for (const position of dataOf(rule, node)) {
      const input = node.inputs[position] ?? '';
      if (this.#signals.has(input)) this.#arrive(input, gradient, rule.backward(context, position));
    }
  }

  #arrive(value: string, gradient: Gradient, through: Backward | null): void {
    if (!through) return;
    const [arrived, known] = [through(gradient), this.#gradients.get(value)];
    if (!Number.isFinite(arrived.second) || !Number.isFinite(arrived.local)) return;
    this.#gradients.set(value, known ? sumOf(known, arrived) : arrived);
  }

  #context(node: Node): MomentContext {
    const stored = (position: number): TensorMoments | null => this.#stored(node.inputs[position] ?? '');
    return {
      node, stored, kernel: this.#kernelOf(node),
      shape: (value) => storedSource(this.#index, value)?.shape ?? this.#assumed.shapeOf(value),
      x: (position) => {
        const known = this.#signals.get(node.inputs[position] ?? '');
        const moments = known ? null : stored(position);
        return known ?? (moments ? constantSignal(moments, storedSource(this.#index, node.inputs[position] ?? '')?.shape) : standardNormal);
      },
    };
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
    const source = value === '' ? null : storedSource(this.#index, value);
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

/** Of a norm that is written out. */
const centreOf = (written: WrittenOut | undefined): Centre => (written?.op === 'RMSNormalization' ? 'none' : 'over units');

/** Operators that a function may begin with which exporters write out. */
const spelling = new Set([
  'Mul', 'Div', 'Pow', 'Sigmoid', 'Erf', 'Exp', 'Abs', 'Max', 'Min', 'Sqrt', 'Where', 'Greater', 'Less', 'Neg', 'Sub', 'Tanh', 'Softplus', 'Log',
]);

/** Whether no gradient goes through, as through a shape or a comparison: what comes out is no signal. */
function isSilent(node: Node): boolean {
  const spec = specOf(node);
  return spec !== undefined && Object.values(spec.gradient).every((rule) => rule === 'non-differentiable');
}

/** Whether a node works out a shape, an index or a mask, and no signal. */
function isFixedNode(node: Node, signals: ReadonlyMap<string, Signal>): boolean {
  return node.inputs.every((input) => !signals.has(input));
}

