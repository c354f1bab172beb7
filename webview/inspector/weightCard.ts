import type { StorageKind, WeightReport, WeightStatistics } from '../../src/protocol/report';
import { baseName, bytes, exact, grouped, hex, ratio, shape, significant } from '../format';
import { element, icon, type Child } from '../ui/element';
import { distributionPlot } from './distributionPlot';
import { isConspicuous, spreadRatio, statisticsOf, type Measurements } from './health';
import { recommendationFormula } from './wording';

const storages: Readonly<Record<StorageKind, string>> = {
  raw: 'initializer', typed: 'initializer, typed field', external: 'external data', constant: 'Constant node',
  sparse: 'sparse initializer', computed: 'computed by ConstantOfShape',
};

/** Everything known about one stored tensor. */
export function weightCard(weight: WeightReport, measurements: Measurements): HTMLElement {
  const statistics = statisticsOf(weight, measurements);
  const plot = distributionPlot(statistics?.histogram ?? null, weight.frozen === undefined ? weight.recommendation : null);
  return element('section', { class: 'weight-card', testid: 'weight-card', label: weight.name, attributes: { 'data-weight': weight.id } }, [
    element('h3', {}, [
      element('span', { class: 'mono copyable name', text: weight.name, title: weight.id }),
      element('span', { class: 'tag', text: weight.role }),
    ]),
    element('div', { class: 'weight-body' }, [
      element('dl', { class: 'facts-list copyable' }, factsOf(weight, measurements).flatMap(({ term, detail }) => [
        element('dt', { class: 'muted', text: term }), element('dd', {}, detail),
      ])),
      element('div', { class: 'measured' }, [plot, statisticsTable(statistics)]),
    ]),
  ]);
}

interface Fact {
  readonly term: string;
  readonly detail: readonly Child[];
}

function factsOf(weight: WeightReport, measurements: Measurements): readonly Fact[] {
  const facts: Fact[] = [{
    term: 'Tensor',
    detail: [`${weight.dtype} ${shape(weight.shape)}, ${grouped(weight.parameters)} elements`],
  }, { term: 'Stored', detail: place(weight) }];
  if (weight.fanIn !== null || weight.fanOut !== null) {
    const fans = [weight.fanIn === null ? '' : `fan_in ${grouped(weight.fanIn)}`, weight.fanOut === null ? '' : `fan_out ${grouped(weight.fanOut)}`];
    facts.push({ term: 'Fans', detail: [element('span', { class: 'number', text: fans.filter((fan) => fan !== '').join(', ') })] });
  }
  const { recommendation, applied } = weight;
  if (weight.frozen !== undefined) {
    facts.push({ term: 'Left alone', detail: [icon('lock'), ` ${weight.frozen}`] });
  } else if (recommendation) {
    facts.push({
      term: 'Should be',
      detail: [
        element('strong', { text: recommendationFormula(recommendation), title: `σ ${exact(recommendation.std)}` }),
        ...reasons(recommendation.reason, recommendation.source),
        ...comparison(weight, measurements),
      ],
    });
  }
  if (applied) {
    facts.push({ term: 'Written', detail: [`${applied.title}, by Initscope${applied.saved ? '' : ' (not saved yet)'}`] });
  }
  if (weight.looksLike !== null) facts.push({ term: 'Looks like', detail: [weight.looksLike] });
  return facts;
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
  const text = value === 0 ? 'The present values do not vary at all.' : `The present spread is ${ratio(value)} the recommended one.`;
  return [element('span', { class: `reason ${isConspicuous(value) ? 'severity-warning' : ''}`, text, title: exact(value) })];
}

function place(weight: WeightReport): readonly Child[] {
  const kind = storages[weight.storage];
  if (!weight.place) return [kind];
  const { file, offset, length } = weight.place;
  return [
    `${kind}, offset `,
    element('span', { class: 'mono', text: hex(offset), title: `byte ${grouped(offset)}` }),
    `, ${bytes(length)}, in ${baseName(file)}`,
  ];
}

function statisticsTable(statistics: WeightStatistics | null): HTMLElement {
  if (!statistics) return element('p', { class: 'muted', text: 'Not measured yet.' });
  const { count } = statistics;
  const share = (part: number): string => (part === 0 || count === 0 ? '0' : `${grouped(part)} (${significant((100 * part) / count)} %)`);
  const entries: readonly (readonly [string, string, string, boolean])[] = [
    ['mean', significant(statistics.mean), exact(statistics.mean), false],
    ['std σ', significant(statistics.std), exact(statistics.std), false],
    ['min', significant(statistics.min), exact(statistics.min), false],
    ['max', significant(statistics.max), exact(statistics.max), false],
    ['zeros', share(statistics.zeros), exact(statistics.zeros), count > 0 && statistics.zeros === count],
    ['NaN, ∞', share(statistics.nonFinite), exact(statistics.nonFinite), statistics.nonFinite > 0],
  ];
  return element('dl', { class: 'statistics number copyable' }, entries.map(([term, text, title, alarming]) =>
    element('div', { title: `${term} ${title}` }, [
      element('dt', { class: 'muted', text: term }),
      element('dd', { text, class: alarming ? 'severity-error' : '' }),
    ])));
}
