// The one list of numbers that a .nam keeps all weights of a network in: which tensor has which of them, only the order of asking tells.

import { elementCount } from '../../core/graph/dtype';
import { Failure } from '../../protocol/failure';
import { cutNumbers } from '../json/tokens';
import type { JsonNumbers, Span } from '../json/value';
import type { JsonView } from '../json/view';
import type { TextNetwork } from '../lowering/textNetwork';

interface Taken {
  readonly id: string;
  readonly shape: readonly number[];
  readonly isLearned: boolean;
  /** Positions of its pieces among all that are cut. */
  readonly pieces: readonly number[];
}

export class WeightList {
  readonly #network: TextNetwork;
  readonly #view: JsonView;
  readonly #numbers: JsonNumbers;
  readonly #taken: Taken[] = [];
  readonly #counts: number[] = [];
  #total = 0;

  constructor(network: TextNetwork, view: JsonView) {
    this.#network = network;
    this.#view = view;
    this.#numbers = view.numbers();
    network.mindStrange(view, this.#numbers);
  }

  take(name: string, shape: readonly number[], isLearned = true): string {
    const id = this.#network.reserve(name);
    this.#taken.push({ id, shape, isLearned, pieces: [this.#cut(elementCount(shape))] });
    return id;
  }

  /** The value of the next number, which stays what it is. */
  read(): number {
    const at = this.#total;
    this.#cut(1);
    const [, span] = cutNumbers(this.#network.source, this.#numbers, [at, 1]);
    return span ? Number(Buffer.from(this.#network.source.read(span.start, span.end - span.start)).toString('latin1')) : NaN;
  }

  /** Matrices that stand side by side, so that their rows take turns. */
  takeBeside(rows: number, matrices: readonly { readonly name: string; readonly columns: number }[]): readonly string[] {
    const pieces = matrices.map((): number[] => []);
    for (let row = 0; row < rows; row++) for (const [i, { columns }] of matrices.entries()) pieces[i]?.push(this.#cut(columns));
    return matrices.map(({ name, columns }, i) => {
      const id = this.#network.reserve(name);
      this.#taken.push({ id, shape: [rows, columns], isLearned: true, pieces: pieces[i] ?? [] });
      return id;
    });
  }

  /** Gives every tensor its place. */
  finish(): void {
    if (this.#total < this.#numbers.count) throw this.#wrong(`${this.#total}`);
    const { source } = this.#network;
    const spans = cutNumbers(source, this.#numbers, this.#counts);
    for (const { id, shape, isLearned, pieces } of this.#taken) {
      this.#network.place(id, shape, pieces.map((piece): Span => spans[piece] ?? this.#numbers), isLearned);
    }
  }

  #cut(count: number): number {
    this.#total += count;
    // What a configuration asks for beyond the list is not built: it may ask for anything.
    if (this.#total > this.#numbers.count) throw this.#wrong(`at least ${this.#total}`);
    this.#counts.push(count);
    return this.#counts.length - 1;
  }

  #wrong(needed: string): Failure {
    const what = `${this.#view.path} holds ${this.#numbers.count} numbers where the configuration beside it needs ${needed}`;
    return new Failure('broken-file', `${this.#view.file}: ${what}. Export it again.`);
  }
}
