import type { WeightComparison } from '../../src/protocol/comparison';
import type { StorageKind, WeightReport, WeightStatistics } from '../../src/protocol/report';
import { bytes } from '../../src/protocol/units';
import { roleWord } from '../../src/protocol/weightWords';
import { say } from '../../src/protocol/words';
import { baseName, exact, fan, grouped, hex, ratio, shape, shortened, significant } from '../format';
import { element, icon, type Child } from '../ui/element';
import { weightDifferences } from './differences';
import { distributionPlot } from './distributionPlot';
import { looksLikeOf, spreadRatio, statisticsOf, type Measurements } from './health';
import { groupedConventions, mergedSentence, partLines, quantizationSentence, tieSentence } from './weightWording';
import { recommendationFormula } from './wording';

const storages: Readonly<Record<StorageKind, string>> = {
  raw: say('initializer'), typed: say('initializer, typed field'), external: say('external data'), constant: say('Constant node'),
  declared: say('declared by its initializer, drawn anew at every start'), dataset: say('HDF5 dataset'), shard: say('weights file'),
  text: say('numbers in the text'),
  input: say('an input of the network; new values make it an initializer'),
  sparse: say('sparse initializer'), computed: say('computed by ConstantOfShape; new values are stored in its place, all of them'),
};

/** Weights a tensor is tied to, named one by one. */
const mostTied = 6;

/** Everything known about one stored tensor. */
export function weightCard(weight: WeightReport, measurements: Measurements, comparison: WeightComparison | null = null): HTMLElement {
  const statistics = statisticsOf(weight, measurements);
  const plot = distributionPlot(statistics?.histogram ?? null, weight.frozen === undefined ? weight.recommendation : null);
  return element('section', { class: 'weight-card', testid: 'weight-card', label: weight.name, attributes: { 'data-weight': weight.id } }, [
    element('h3', {}, [
      element('span', { class: 'mono copyable name', text: shortened(weight.name, 200), title: weight.id }),
      element('span', { class: 'tag', text: roleWord(weight.role) }),
    ]),
    comparison && weightDifferences(comparison),
    element('div', { class: 'weight-body' }, [
      element('dl', { class: 'facts-list copyable' }, factsOf(weight, measurements).flatMap(({ term, detail }) => [
        element('dt', { class: 'muted', text: term }), element('dd', {}, detail),
      ])),
      element('div', { class: 'measured' }, [plot, statisticsTable(statistics, weight.storage)]),
    ]),
  ]);
}

interface Fact {
  readonly term: string;
  readonly detail: readonly Child[];
}

function factsOf(weight: WeightReport, measurements: Measurements): readonly Fact[] {
  const facts: Fact[] = [{
    term: say('Tensor'),
    detail: [say('{0} {1}, {2} elements', weight.dtype, shape(weight.shape), grouped(weight.parameters))],
  }, { term: say('Stored'), detail: place(weight) }];
  if (weight.fanIn !== null || weight.fanOut !== null) facts.push({ term: say('Fans'), detail: fans(weight) });
  if (weight.quantization) facts.push({ term: say('Quantized'), detail: [quantizationSentence(weight.quantization, weight.shape)] });
  if (weight.merged) facts.push({ term: say('Shared'), detail: [mergedSentence(weight.merged)] });
  if (weight.tied.length > 0) facts.push({ term: say('Tied'), detail: ties(weight) });
  const { recommendation, applied } = weight;
  if (weight.frozen !== undefined) {
    facts.push({ term: say('Left alone'), detail: [icon('lock'), ` ${weight.frozen}`] });
  } else if (recommendation) {
    facts.push({
      term: say('Should be'),
      detail: [
        element('strong', { text: recommendationFormula(recommendation), title: `σ ${exact(recommendation.std)}` }),
        ...reasons(recommendation.reason, recommendation.source),
        ...comparison(weight, measurements),
      ],
    });
  }
  if (weight.parts.length > 0) facts.push({ term: weight.parts.every(({ name }) => name.endsWith('gate')) ? say('Gates') : say('Parts'),
    detail: [parts(weight)] });
  if (applied) {
    facts.push({ term: say('Written'),
      detail: [applied.saved ? say('{0}, by Initscope', applied.title) : say('{0}, by Initscope (not saved yet)', applied.title)] });
  }
  const looksLike = looksLikeOf(weight, measurements);
  if (looksLike !== null) facts.push({ term: weight.storage === 'declared' ? say('Declared') : say('Looks like'), detail: [looksLike] });
  return facts;
}

/** What the operator sums over, and beside it what a library would count, with why. */
function fans({ fanIn, fanOut, conventions }: WeightReport): readonly Child[] {
  const pair = (into: number | null, out: number | null): string => [
    into === null ? '' : `fan_in ${fan(into)}`, out === null ? '' : `fan_out ${fan(out)}`,
  ].filter((fan) => fan !== '').join(', ');
  return [
    element('span', { class: 'number', text: pair(fanIn, fanOut) }),
    ...groupedConventions(conventions).map(({ libraries, reason, fanIn: into, fanOut: out }) => (
      element('span', { class: 'reason', testid: 'fan-convention' }, [
        element('span', { class: 'number', text: countedBy(libraries, pair(into, out)) }),
        reason === '' ? null : element('span', { class: 'muted', text: `: ${reason}` }),
      ]))),
  ];
}

function countedBy(libraries: readonly string[], pair: string): string {
  const [first = '', second] = libraries;
  return second === undefined ? say('{0} counts {1}', first, pair) : say('{0} and {1} count {2}', first, second, pair);
}

function ties({ tied }: WeightReport): readonly Child[] {
  const more = tied.length - mostTied;
  return [...tied.slice(0, mostTied).map((other) => line(tieSentence(other))), more > 0 ? line(say('and {0} more', grouped(more))) : null];
}

function parts(weight: WeightReport): HTMLElement {
  return element('dl', { class: 'parts', testid: 'parts' }, partLines(weight.parts).flatMap(({ names, recommendation }) => [
    element('dt', { class: 'muted', text: names }), element('dd', { text: recommendation }),
  ]));
}

function line(text: string): HTMLElement {
  return element('span', { class: 'line', text });
}

function reasons(reason: string, source: string): readonly Child[] {
  return [
    reason === '' ? null : element('span', { class: 'reason', text: reason }),
    source === '' ? null : element('span', { class: 'reason muted', text: source }),
  ];
}

function comparison(weight: WeightReport, measurements: Measurements): readonly Child[] {
  const value = spreadRatio(weight, measurements);
  if (value === null) return [];
  const text = value === 0 ? say('The present values do not vary at all.') : say('The present spread is {0} the recommended one.', ratio(value));
  return [element('span', { class: 'reason', text, title: exact(value) })];
}

function place(weight: WeightReport): readonly Child[] {
  const kind = storages[weight.storage];
  if (!weight.place) return [kind];
  const { file, offset, length } = weight.place;
  return [
    `${say('{0}, offset', kind)} `,
    element('span', { class: 'mono', text: hex(offset), title: say('byte {0}', grouped(offset)) }),
    `, ${say('{0}, in {1}', bytes(length), baseName(file))}`,
  ];
}

function statisticsTable(statistics: WeightStatistics | null, storage: StorageKind): HTMLElement {
  if (!statistics) return element('p', { class: 'muted', text: storage === 'computed' ? say('There are no values to measure.') : say('Not measured.') });
  const { count } = statistics;
  const share = (part: number): string => (part === 0 || count === 0 ? '0' : `${significant((100 * part) / count)} %`);
  const entries: readonly (readonly [string, string, string, boolean])[] = [
    [say('mean'), significant(statistics.mean), exact(statistics.mean), false],
    [say('std σ'), significant(statistics.std), exact(statistics.std), false],
    [say('min'), significant(statistics.min), exact(statistics.min), false],
    [say('max'), significant(statistics.max), exact(statistics.max), false],
    [say('zeros'), share(statistics.zeros), exact(statistics.zeros), count > 0 && statistics.zeros === count],
    [say('NaN, ∞'), share(statistics.nonFinite), exact(statistics.nonFinite), statistics.nonFinite > 0],
  ];
  return element('dl', { class: 'statistics number copyable' }, entries.map(([term, text, title, alarming]) =>
    element('div', { title: `${term} ${title}` }, [
      element('dt', { class: 'muted', text: term }),
      element('dd', { text, class: alarming ? 'severity-error' : '' }),
    ])));
}
