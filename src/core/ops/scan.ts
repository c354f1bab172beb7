import { Algebra } from './algebra';

/** A loop over the first axis of its sequences, as one `Scan` node. */
export interface Loop {
  /** States before the first step. */
  readonly initial: readonly string[];
  /** Tensors [T, …], of which a step sees a slice […] each. */
  readonly sequences: readonly string[];
  /** From the last slice to the first. */
  readonly reverse: boolean;
  /** Writes one step: the states after it, and what it hands out. It may read values around the loop. */
  readonly step: (m: Algebra, states: readonly string[], slices: readonly string[]) => Step;
}

export interface Step {
  readonly states: readonly string[];
  readonly emitted: readonly string[];
}

/** The states after the last step, then what the steps handed out, as tensors [T, …] in the order of the sequences. */
export function scan(m: Algebra, { initial, sequences, reverse, step }: Loop): readonly string[] {
  const body = m.graph.inner('step');
  const [states, slices] = [initial, sequences].map((values) => values.map(() => body.input('slice', 'undefined', null)));
  const after = step(new Algebra(body), states ?? [], slices ?? []);
  // An output of a graph has to be made in it, once.
  const made = new Set<string>();
  for (const value of [...after.states, ...after.emitted]) {
    const output = made.has(value) ? body.add('Identity', [value]) : value;
    made.add(output);
    body.output(output, 'undefined');
  }
  const way = reverse ? 1 : 0;
  return m.graph.addMany('Scan', [...initial, ...sequences], made.size, {
    body: { kind: 'graph', value: body.build() },
    num_scan_inputs: sequences.length,
    scan_input_directions: sequences.map(() => way),
    scan_output_directions: after.emitted.map(() => way),
  });
}
