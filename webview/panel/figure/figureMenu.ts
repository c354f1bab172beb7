// What one can do with a chart: take it away as a picture or as numbers.

import type { FigureFormat } from '../../../src/protocol/figures';
import { say } from '../../../src/protocol/words';
import { menuButton, type MenuItem } from '../../ui/menu';
import type { Palette } from '../../ui/theme';
import type { FigureWords } from './frame';
import { toBase64, toPng } from './picture';
import { printPalette } from './printPalette';

export interface FigureActions {
  /** Of the chart with that title, as it is now. */
  words(title: string): FigureWords;
  /** Black on white instead of the theme's colours; asked for both charts at once. */
  isPrint(): boolean;
  /** Values on a linear axis instead of a logarithmic one; absent where there is no such axis. */
  axis?: { isLinear(): boolean; onLinear(isLinear: boolean): void };
  onPrint(isPrint: boolean): void;
  save(name: string, format: FigureFormat, content: string): void;
  copied(what: string, problem: string | null): void;
  /** Saves all that is known of the run, where there is a run. */
  report?(format: 'html' | 'md'): void;
}

/** What is drawn now, to be drawn again in other colours, and its numbers. */
export interface Drawing {
  readonly palette: Palette;
  readonly svg: (palette: Palette) => string;
  readonly csv: () => string;
  readonly json: () => string;
}

interface Figured {
  readonly testid: string;
  readonly title: string;
  /** Whether it has an axis of values. */
  readonly isAxial?: boolean;
  /** Null while nothing is drawn. */
  readonly drawn: () => Drawing | null;
}

export function createFigureMenu({ testid, title, drawn, isAxial = false }: Figured, actions: FigureActions): HTMLElement {
  function svg(): string | null {
    const now = drawn();
    return now?.svg(actions.isPrint() ? printPalette : now.palette) ?? null;
  }
  function copy(what: string, put: () => Promise<void>): void {
    put().then(() => actions.copied(what, null), (error: unknown) => actions.copied(what, error instanceof Error ? error.message : String(error)));
  }
  const picture = (use: (svg: string) => void) => (): void => {
    const made = svg();
    if (made !== null) use(made);
  };
  const numbers = (use: (drawing: Drawing) => void) => (): void => {
    const now = drawn();
    if (now) use(now);
  };

  function items(): readonly MenuItem[] {
    const isPrint = actions.isPrint();
    const isLinear = actions.axis?.isLinear() === true;
    const item = (name: string, label: string, detail: string, onSelect: () => void): MenuItem => (
      { title: label, detail, onSelect, testid: `${testid}-${name}` });
    return [
      item('copy-picture', say('Copy Picture'), say('PNG, with title, legend and caption'), picture((made) => copy(say('the picture'), async () => (
        navigator.clipboard.write([new ClipboardItem({ 'image/png': toPng(made) })]))))),
      item('save-svg', say('Save Picture as SVG…'), say('Lines and letters, for papers'), picture((made) => actions.save(title, 'svg', made))),
      item('save-png', say('Save Picture as PNG…'), say('Pixels, for slides'), picture((made) => void toPng(made).then(toBase64).then(
        (pixels) => actions.save(title, 'png', pixels), (error: unknown) => actions.copied(say('the picture'), String(error))))),
      item('copy-csv', say('Copy Numbers'), say('CSV, for spreadsheets'),
        numbers(({ csv }) => copy(say('the numbers'), () => navigator.clipboard.writeText(csv())))),
      item('save-csv', say('Save Numbers as CSV…'), say('A row for each layer'), numbers(({ csv }) => actions.save(title, 'csv', csv()))),
      item('save-json', say('Save Numbers as JSON…'), say('Everything that is drawn'), numbers(({ json }) => (
        actions.save(title, 'json', json())))),
      ...(actions.report ? [
        item('report-html', say('Save Report as HTML…'), say('All charts and tables of the run, on one page'), () => actions.report?.('html')),
        item('report-md', say('Save Report as Markdown…'), say('The verdict and all tables of the run'), () => actions.report?.('md')),
      ] : []),
      ...(isAxial && actions.axis ? [item('linear', isLinear ? say('Logarithmic Axis') : say('Linear Axis'),
        isLinear ? say('So that what vanishes is seen') : say('So that differences are seen'), () => actions.axis?.onLinear(!isLinear))] : []),
      item('print', isPrint ? say('Theme Colours') : say('Print Colours'),
        isPrint ? say('Pictures are black on white now') : say('Pictures are in the theme’s colours now'), () => actions.onPrint(!isPrint)),
    ];
  }

  const button = menuButton({ label: '', icon: 'export', title: say('Copy or save this chart'), testid: `${testid}-figure`, items });
  button.classList.add('bare');
  return button;
}
