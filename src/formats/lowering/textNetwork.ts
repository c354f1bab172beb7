// A network under construction whose weights are numbers of a JSON text: values of the graph, and where in the text each of them is.

import { recordKey } from '../../core/edits/record';
import type { AttributeLiteral } from '../../core/graph/builder';
import { GraphBuilder } from '../../core/graph/builder';
import type { DType, FloatDType } from '../../core/graph/dtype';
import { elementCount, highestRank } from '../../core/graph/dtype';
import type { Dimension, Model } from '../../core/graph/graph';
import type { Tensor, TensorPlace } from '../../core/graph/tensor';
import { Failure } from '../../protocol/failure';
import type { Diagnostic, FormatId } from '../../protocol/report';
import type { ByteSource } from '../files/byteSource';
import type { ReadModel } from '../format';
import type { JsonNumbers, Span } from '../json/value';
import type { JsonView } from '../json/view';
import { readElements } from '../tensors/elements';
import { readRecordText } from './record';

/** The operator set that graphs are written in, and the IR version that goes with it. */
const [opset, irVersion] = [21, 10];

type Attributes = Readonly<Record<string, AttributeLiteral>>;

export class TextNetwork {
  readonly builder = new GraphBuilder({ name: 'main', inputs: [], outputs: [], initializers: new Map(), nodes: [] });
  readonly #root: JsonView;
  readonly #dtype: FloatDType;
  readonly #findings: Diagnostic[] = [];
  readonly #learned = new Set<string>();
  readonly #read = new Map<string, string>();
  #path: readonly string[] = [];

  /** `dtype`: what the library holds its weights in. */
  constructor(root: JsonView, dtype: FloatDType) {
    this.#root = root;
    this.#dtype = dtype;
  }

  get source(): ByteSource { return this.#root.source; }

  /** What is appended inside belongs to a module of that name, and is called after it. */
  within<T>(name: string, append: () => T): T {
    const { builder } = this;
    const outer = this.#path;
    this.#path = name === '' ? outer : [...outer, name];
    const path = this.#path.join('.');
    [builder.scope, builder.module] = [path, path === '' ? null : path];
    const result = append();
    this.#path = outer;
    [builder.scope, builder.module] = [outer.join('.'), outer.length === 0 ? null : outer.join('.')];
    return result;
  }

  /** The value of a tensor of that name, which is `placed` later. */
  reserve(name: string): string {
    const { builder } = this;
    const { scope } = builder;
    builder.scope = '';
    const id = builder.fresh([...this.#path, name].join('.'));
    builder.scope = scope;
    return id;
  }

  /** Its elements are in these parts of the text, one after the other. */
  place(id: string, shape: readonly number[], spans: readonly Span[], isLearned: boolean): void {
    const { builder, source } = this;
    const [first, ...further] = spans.map(({ start, end }): TensorPlace => ({ file: source.name, offset: start, length: end - start, encoding: 'decimal' }));
    if (!first || shape.length > highestRank) throw new Error(`${id} has no place.`);
    const tensor: Tensor = {
      id, dtype: this.#dtype, shape, storage: 'text', place: further.length > 0 ? { ...first, further } : first, values: null,
    };
    // Scales and slopes are worked with when a graph is read.
    const values = elementCount(shape) <= 1 ? readElements(source, tensor) : null;
    builder.initializer(id, values ? { ...tensor, values: Array.from(values, Number) } : tensor);
    if (isLearned) this.#learned.add(id);
  }

  /** A tensor that is in several parts of the text, each of which holds nothing but numbers. */
  pieces(name: string, shape: readonly number[], parts: readonly JsonView[]): string {
    const lists = parts.map((part): JsonNumbers | Span => (part.value.kind === 'number' ? part.value : part.numbers()));
    const count = lists.reduce((sum, list) => sum + ('count' in list ? list.count : 1), 0);
    const [first] = parts;
    if (!first) throw new Error(`${name} has no place.`);
    if (count !== elementCount(shape)) throw first.wrong(`the first of ${parts.length} parts of ${elementCount(shape)} numbers`, `of parts that hold ${count}`);
    for (const [i, list] of lists.entries()) if ('count' in list) this.mindStrange(parts[i] ?? first, list);
    const id = this.reserve(name);
    this.place(id, shape, lists, true);
    return id;
  }

  /** A list as it stands in the text, in a shape of as many elements. */
  list(name: string, shape: readonly number[], list: JsonView, isLearned = true): string {
    const numbers = list.numbers();
    if (numbers.count !== elementCount(shape)) throw list.wrong(`a list of ${elementCount(shape)} numbers, [${shape.join(', ')}],`, described(numbers));
    this.mindStrange(list, numbers);
    return this.#once(name, shape, numbers, isLearned);
  }

  /** A single number as it stands in the text. */
  number(name: string, view: JsonView): string {
    view.number();
    return this.#once(name, [1], view.value, true);
  }

  /** What several layers read in one place of the text is one tensor. */
  #once(name: string, shape: readonly number[], span: Span, isLearned: boolean): string {
    const key = `${span.start} ${shape.join()}`;
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const id = this.reserve(name);
    this.#read.set(key, id);
    this.place(id, shape, [span], isLearned);
    return id;
  }

  /** Says so, where some of the numbers are none. */
  mindStrange({ path }: JsonView, { strange }: JsonNumbers): void {
    if (strange === 0) return;
    const those = strange === 1 ? 'a number that is NaN or infinite' : `${strange} numbers that are NaN or infinite`;
    this.#find('warning', 'strange-number', `${path} holds ${those}, which most readers of JSON refuse.`, 'Reinitialize the layer.');
  }

  note(message: string): void {
    this.#find('info', 'text-note', message, '');
  }

  #find(severity: Diagnostic['severity'], code: string, message: string, remedy: string): void {
    if (!this.#findings.some((each) => each.message === message)) this.#findings.push({ severity, code, layer: null, message, remedy });
  }

  add(op: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.builder.add(op, inputs, attributes);
  }

  addMany(op: string, inputs: readonly string[], outputs: number, attributes: Attributes = {}): readonly string[] {
    return this.builder.addMany(op, inputs, outputs, attributes);
  }

  ints(values: readonly number[]): string {
    return this.builder.ints(values);
  }

  scalar(value: number): string {
    return this.builder.scalar(value);
  }

  input(name: string, shape: readonly Dimension[], dtype: DType = 'float32'): string {
    return this.builder.input(name, dtype, shape);
  }

  /** Gives a value the name of an output. */
  output(name: string, value: string): void {
    const named = this.builder.fresh(name);
    this.builder.append({ name: `${named}/Identity`, domain: '', op: 'Identity', inputs: [value], outputs: [named], attributes: {} });
    this.builder.output(named, 'float32');
  }

  refuse(view: JsonView, what: string, remedy = 'Export it again.'): Failure {
    return new Failure('unsupported', `${view.file}: ${view.path === '' ? 'it' : view.path} ${what}. ${remedy}`);
  }

  finish(format: FormatId, producer: string): ReadModel {
    const graph = this.builder.build();
    const record = readRecordText(this.#root);
    const model: Model = {
      file: this.source.name, format, producer, irVersion, opsets: new Map([['', opset]]), metadata: new Map(record === null ? [] : [[recordKey, record]]),
      graph, learned: this.#learned, functions: [], external: [],
    };
    return { model, graph, findings: this.#findings };
  }
}

const described = ({ count, shape }: JsonNumbers): string => `a list of ${count} numbers${shape && shape.length > 1 ? `, [${shape.join(', ')}],` : ''}`;
