import type { InspectorState } from '../../src/protocol/inspector';
import type { ModelReport, ValueReport } from '../../src/protocol/report';
import type { Remedy } from '../../src/protocol/verdict';
import { bytes } from '../../src/protocol/units';
import { say, sayOf } from '../../src/protocol/words';
import { abbreviated, baseName, grouped, shape, shortened } from '../format';
import { element, icon, type Child } from '../ui/element';
import { button } from '../ui/kit';
import { severityWord } from '../ui/severityWord';
import type { LayerView } from './health';
import { diagnosticItem } from './layerDetail';

export type Ready = Extract<InspectorState, { kind: 'ready' }>;

const headlineIcons = { ok: 'pass', info: 'info', warning: 'warning', error: 'error' } as const;

/** Element types that are named. */
const mostTypes = 3;

/** What the file is, in one line. */
export function modelHeader({ report, total }: Ready, views: readonly LayerView[]): HTMLElement {
  const dtypes = new Set(views.flatMap(({ layer }) => layer.weights.map((weight) => weight.dtype)));
  const dtype = dtypes.size > mostTypes ? '' : ` ${[...dtypes].join(', ')}`;
  const facts: readonly Child[] = [
    report.producer === '' ? null : element('span', { text: report.producer }),
    report.opset === null ? null : element('span', { text: `opset ${report.opset}` }),
    element('span', {
      class: 'number', testid: 'parameters', text: say('{0} weights, {1}', abbreviated(report.parameters), `${bytes(report.storedBytes)}${dtype}`),
      title: sayOf(total, '{1} elements in {0} layer; {2} floats in the file; with quantized weights {3} bytes',
        '{1} elements in {0} layers; {2} floats in the file; with quantized weights {3} bytes',
        grouped(report.parameters), grouped(report.storedFloats), grouped(report.storedBytes)),
    }),
    signature(report),
  ];
  return element('header', { class: 'model-header', testid: 'model-header' }, [
    element('h1', { class: 'copyable', text: baseName(report.file), title: report.file }),
    element('div', { class: 'model-facts muted copyable' }, facts),
  ]);
}

/** Inputs and outputs named in the line itself. */
const namedAtOnce = 2;
const longestName = 60;

/** "x [N, 3, 224, 224] → y [N, 1000]"; where there are more, the line opens into a list of all. */
function signature({ inputs, outputs }: ModelReport): HTMLElement {
  const text = `${values(inputs)} → ${values(outputs)}`;
  const title = say('inputs\n{0}\noutputs\n{1}', valueLines(inputs), valueLines(outputs));
  if (inputs.length <= namedAtOnce && outputs.length <= namedAtOnce) return element('span', { class: 'signature', text, title });
  return element('details', { class: 'signature', testid: 'signature' }, [
    element('summary', { text, title }),
    element('dl', { class: 'values' }, [...valueList(say('Inputs'), inputs), ...valueList(say('Outputs'), outputs)]),
  ]);
}

function valueList(title: string, reports: readonly ValueReport[]): readonly HTMLElement[] {
  return [element('dt', { text: `${title} (${grouped(reports.length)})` }), ...reports.slice(0, 500).map((value) => element('dd', {}, [
    element('span', { class: 'mono', text: shortened(value.name, longestName), title: value.name }), ` ${value.dtype} ${shape(value.shape)}`,
  ])), ...(reports.length > 500 ? [element('dd', { text: say('and {0} more', grouped(reports.length - 500)) })] : [])];
}

function values(reports: readonly ValueReport[]): string {
  if (reports.length === 0) return say('nothing');
  const shown = reports.slice(0, namedAtOnce).map((value) => `${shortened(value.name, longestName)} ${shape(value.shape)}`);
  const names = shown.join(', ');
  return reports.length > namedAtOnce ? say('{0} and {1} more', names, grouped(reports.length - namedAtOnce)) : names;
}

function valueLines(reports: readonly ValueReport[]): string {
  return reports.map((value) => `  ${shortened(value.name, longestName)}: ${value.dtype} ${shape(value.shape)}`).join('\n');
}

/** One sentence that answers the question, and what to do about it. */
export function headline(state: Ready, fix: (() => void) | null): HTMLElement {
  const { text, severity } = state.headline;
  const mark = icon(headlineIcons[severity], severity === 'ok' ? say('all well') : severityWord(severity));
  mark.classList.add(`severity-${severity}`);
  return element('div', { class: 'headline', testid: 'headline', role: 'status', attributes: { 'data-severity': severity } }, [
    mark,
    element('span', { class: 'sentence copyable', text }),
    fix === null ? null : button({
      label: say('Fix…'), kind: 'primary', testid: 'fix', disabled: state.readOnly !== null,
      title: state.readOnly ?? say('Reinitialize the layers that need attention, with a preview'), onClick: fix,
    }),
  ]);
}

/** What would help most, each an edit whose preview is one click away; null where there is nothing. */
export function remedyList({ headline: { remedies = [] }, readOnly }: Ready, pick: (remedy: Remedy) => void): HTMLElement | null {
  if (remedies.length === 0) return null;
  const entry = (remedy: Remedy): HTMLElement => {
    const title = element('button', {
      class: 'remedy', text: remedy.title, testid: 'remedy', title: readOnly ?? say('Preview {0}', remedy.title),
      attributes: { type: 'button', ...(readOnly === null ? {} : { disabled: '' }) },
    });
    title.addEventListener('click', () => pick(remedy));
    return element('li', {}, [title, element('span', { class: 'muted copyable', text: remedy.effect })]);
  };
  return element('section', { class: 'remedies', testid: 'remedies' }, [
    element('span', { class: 'muted', text: say('What would help, by theory') }), element('ol', {}, remedies.map(entry)),
  ]);
}

/** What the model as a whole suffers from, and what keeps it from being written or run. */
export function modelNotices(state: Ready): HTMLElement | null {
  // What the headline says already is not said again.
  const general = state.report.diagnostics.filter(({ layer, message }) => layer === null && !state.headline.text.includes(message));
  const limits = [
    state.readOnly === null ? null : limit('lock', state.readOnly),
    state.notRunnable === null || state.notRunnable === state.readOnly ? null : limit('circle-slash', state.notRunnable),
    ...state.limits.map((text) => limit('info', text)),
  ].filter((entry) => entry !== null);
  if (general.length === 0 && limits.length === 0) return null;
  return element('ul', { class: 'diagnostics model-notices', testid: 'model-notices' }, [...limits, ...general.map(diagnosticItem)]);
}

function limit(glyph: string, text: string): HTMLElement {
  return element('li', { class: 'diagnostic' }, [icon(glyph), element('span', { class: 'copyable', text })]);
}
