/** What the project can do with every standard operator, as a page for readers: npm run docs:operators writes it. */
import { loweredOperators } from '../../src/core/ops/lowered';
import { operators } from '../../src/core/ops/registry';

/** Operators that are no longer there when a network is differentiated. */
const lowered: ReadonlyMap<string, string> = new Map([
  ['Constant', 'becomes a stored tensor when a model is read'], ['If', 'the branch that is taken stands in its place'],
  ['Loop', 'its steps stand in its place, up to 512'], ['Scan', 'its steps stand in its place, up to 512'],
  ...loweredOperators.flatMap(({ op, domain }): [string, string][] => (domain === undefined ? [[op, 'put together from operators that have a rule']] : [])),
]);

/** Why others have no entry. */
const reasons: readonly (readonly [readonly string[], string])[] = [
  [[
    'ConcatFromSequence', 'Optional', 'OptionalGetElement', 'OptionalHasElement', 'SequenceAt', 'SequenceConstruct', 'SequenceEmpty', 'SequenceErase',
    'SequenceInsert', 'SequenceLength', 'SequenceMap', 'SplitToSequence',
  ], 'works on sequences of tensors, which nothing here follows'],
  [['ImageDecoder', 'RegexFullMatch', 'StringConcat', 'StringNormalizer', 'StringSplit', 'TfIdfVectorizer'],
    'works on text or encoded pictures, which have no derivative'],
  [['AffineGrid', 'DeformConv', 'GridSample', 'MaxRoiPool', 'RoiAlign'], 'samples at places that are computed; not derived yet'],
  [['BitCast'], 'reads the bits of a number as another, which has no derivative'],
  [['LinearAttention'], 'a recurrence over the tokens whose state is a matrix; not derived yet'],
  [['CumProd'], 'not derived yet: ONNX Runtime has no kernel of it on a CPU'],
  [['TensorScatter'], 'writes into a cache of earlier steps, of which a first step of training has none'],
  [['Det'], 'its gradient has the inverse matrix, for which there is no standard operator'],
  [['DFT', 'STFT', 'MelWeightMatrix'], 'signal processing in front of a network; not derived yet'],
];
const unsupported: ReadonlyMap<string, string> = new Map(reasons.flatMap(([ops, reason]) => ops.map((op): [string, string] => [op, reason])));

/** What the standard has and the project has no entry for. */
export const withoutEntry: readonly string[] = ['Constant', 'If', 'Loop', 'Scan', ...unsupported.keys()];

/** What ONNX Runtime registers under ai.onnx without it being there by the standard. */
const unofficial = new Set(['SimplifiedLayerNormalization']);

/** What is said of an operator without being true of it any more. */
export const outdated = (names: readonly string[]): readonly string[] => (
  [...lowered.keys(), ...unsupported.keys()].filter((op) => operators.has(op) || (!names.includes(op) && !unofficial.has(op))));

/** Operators of ONNX Runtime's own, with what is given a gradient. */
const contributed: readonly string[] = loweredOperators.filter(({ op, domain }) => domain !== undefined || unofficial.has(op))
  .map(({ op, domain, inputs, unknown = [] }) => {
    const quoted = (formals: readonly string[]): string => formals.map((formal) => `\`${formal}\``).join(', ');
    const given = quoted(inputs.filter((formal) => !unknown.includes(formal)));
    return `| ${domain === undefined ? op : `${domain}.${op}`} | ${given} | ${quoted(unknown)} |`;
  }).sort();

function rowOf(op: string): string {
  const spec = operators.get(op);
  if (!spec) {
    const reason = lowered.get(op) ?? unsupported.get(op);
    if (reason === undefined) throw new Error(`Nothing is said of ${op}: give it an entry in src/core/ops, or a reason in test/ops/operatorTable.ts.`);
    return `| ${op} | ${lowered.has(op) ? 'lowered' : 'unsupported'} | ${reason} |`;
  }
  const differentiable = spec.inputs.filter((formal) => typeof spec.gradient[formal] === 'function');
  if (differentiable.length === 0) return `| ${op} | non-differentiable | |`;
  return `| ${op} | rule | ${differentiable.map((formal) => `\`${formal}\``).join(', ')} |`;
}

/** The page, for the names of all operators of the standard. */
export function operatorTable(names: readonly string[]): string {
  const rows = names.map(rowOf);
  const count = (status: string): number => rows.filter((row) => row.includes(`| ${status} |`)).length;
  return [
    '# Operators',
    '',
    `What Initscope does with each of the ${names.length} operators of \`ai.onnx\` up to opset 26 when it differentiates a network: ${count('rule')} have a`
      + ` gradient rule, ${count('non-differentiable')} have no gradient by their mathematics, ${count('lowered')} are replaced when a model is read or`
      + ' run, and'
      + ` ${count('unsupported')} are named and hide what lies behind them. Made by \`npm run docs:operators\`.`,
    '',
    '| operator | gradient | with respect to, or why not |',
    '| --- | --- | --- |',
    ...rows,
    '',
    '## Operators of ONNX Runtime',
    '',
    `These ${contributed.length} fused operators, which its tools and exporters write, are put together from standard ones before a network is`
      + ' differentiated: a gradient comes to each of their floating-point inputs. A node that asks for more than is known of its operator is named,'
      + ' with the reason. Others of `com.microsoft`, and those of other domains, are named and hide what lies behind them.',
    '',
    '| operator | inputs | what is not known |',
    '| --- | --- | --- |',
    ...contributed,
    '',
  ].join('\n');
}
