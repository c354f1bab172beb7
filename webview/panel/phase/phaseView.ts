// The plane of order and chaos, and beside it what the schemes' places in it mean for this network's depth.

import type { PhaseDiagram, PhaseRequest } from '../../../src/protocol/phase';
import type { SimulatedScheme } from '../../../src/protocol/schemes';
import type { SchemeTheory } from '../../../src/protocol/simulation';
import { say, sayOf } from '../../../src/protocol/words';
import { exact, significant } from '../../format';
import { element, replaceChildren } from '../../ui/element';
import type { Palette } from '../../ui/theme';
import { createDrawnPane } from '../drawnPane';
import type { FigureActions } from '../figure/figureMenu';
import { framed } from '../figure/frame';
import { csvOf, jsonOf } from '../figure/numbers';
import { tag } from '../figure/xml';
import { marker } from '../schemeStyle';
import { drawPhase, plotOf, type PlacedScheme } from './phaseDrawing';
import { depthWords, placeSchemes, unplaced } from './places';

export interface PhaseContent {
  readonly theory: readonly SchemeTheory[];
  readonly schemes: readonly { readonly id: SimulatedScheme; readonly title: string }[];
  readonly layers: readonly string[];
  /** The same as long as the picture is of the same network. */
  readonly file: string;
}

export interface PhaseOptions {
  readonly figure: FigureActions;
  readonly ask: (request: PhaseRequest) => Promise<PhaseDiagram | null>;
  readonly onPoint: (layer: number | null) => void;
  readonly onSelect: (layer: number) => void;
}

export interface PhaseView {
  readonly panes: readonly HTMLElement[];
  draw(content: PhaseContent, palette: Palette): void;
  point(layer: number | null): void;
}

const title = say('Order and chaos of the network’s activation');
/** Pixels from a layer's spot at which it is meant. */
const near = 12;

export function createPhaseView(options: PhaseOptions): PhaseView {
  let content: PhaseContent | null = null;
  let palette: Palette | null = null;
  let diagram: PhaseDiagram | null = null;
  let placed: readonly PlacedScheme[] = [];
  let asked = '';
  let answered = '';
  let cursor: number | null = null;

  const pane = createDrawnPane({
    testid: 'phase', title, short: say('Order and chaos'), hint: say('left and right move over the layers'), controls: [], figure: options.figure,
    drawing() {
      const [now, at] = [diagram, placed];
      const words = options.figure.words(title);
      const about = now ? [sayOf(now.layers.length, '{1} of {0} layer. Line: χ⊥ = 1 (Schoenholz et al. 2017).',
        '{1} of {0} layers. Line: χ⊥ = 1 (Schoenholz et al. 2017).', now.activation)] : [];
      const caption = [...about, ...words.caption.slice(0, 1)];
      return now && palette && {
        palette, svg: (colours) => framed({ ...words, caption }, colours, (area) => drawPhase(now, at, area, colours)),
        csv: () => csvOf([['scheme', 'layer', 'sigma_w^2', 'sigma_b^2'], ...at.flatMap((scheme) => scheme.layers.map((layer) => (
          [scheme.title, layer.name, String(layer.weights), String(layer.biases)])))]),
        json: () => jsonOf({ title, caption, ...now, schemes: at }),
      };
    },
    draw: (area) => (diagram && palette ? drawPhase(diagram, placed, area, palette) : ''),
    over: (area) => (diagram && palette && cursor !== null ? marks(diagram, area, palette) : ''),
    onPoint: (at, area) => options.onPoint(at && nearest(at, area)),
    onPick(at, area) {
      const layer = nearest(at, area);
      if (layer !== null) options.onSelect(layer);
    },
    onKey(key) {
      const own = ownLayers();
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (step === undefined || own.length === 0) return false;
      const at = own.indexOf(cursor ?? -1);
      const next = own[Math.max(0, Math.min(own.length - 1, at + step))];
      if (next === undefined) return false;
      options.onSelect(next);
      pane.say(said(next));
      return true;
    },
  });
  const words = element('div', { class: 'phase-words', testid: 'phase-words' });
  const why = element('p', { class: 'muted hint', testid: 'no-phase' });
  pane.root.append(why);
  const frame = pane.root.querySelector<HTMLElement>('.chart-frame');
  const aside = element('section', { class: 'chart-pane phase-side', label: say('What the places mean') }, [words]);

  const nameOf = (at: number): string => content?.layers[at] ?? '';
  const ownLayers = (): readonly number[] => (diagram?.layers ?? []).map((name) => content?.layers.indexOf(name) ?? -1).filter((at) => at >= 0);
  const said = (at: number): string => `${nameOf(at)}: ${placed.map((scheme) => {
    const point = scheme.layers.find(({ name }) => name === nameOf(at));
    return `${scheme.title} ${point ? `σ_w² ${significant(point.weights)}, σ_b² ${significant(point.biases)}` : say('not known')}`;
  }).join('; ')}`;

  function marks(now: PhaseDiagram, area: Parameters<typeof plotOf>[1], colours: Palette): string {
    const name = cursor === null ? '' : nameOf(cursor);
    const only = placed.map((each) => ({ ...each, layers: each.layers.filter((layer) => layer.name === name) }));
    return only.flatMap((each) => each.layers.map((layer) => {
      const { x, y } = plotOf(now, area);
      return tag('circle', { 'cx': x(layer.weights), 'cy': y(layer.biases), 'r': 6, 'fill': 'none', 'stroke': colours.focus, 'stroke-width': 2 });
    })).join('');
  }

  function nearest({ x, y }: { readonly x: number; readonly y: number }, area: Parameters<typeof plotOf>[1]): number | null {
    if (!diagram) return null;
    const plot = plotOf(diagram, area);
    const spots = placed.flatMap(({ layers }) => layers.map((layer) => ({
      layer, distance: Math.hypot(plot.x(layer.weights) - x, plot.y(layer.biases) - y),
    })));
    const found = spots.filter(({ distance }) => distance <= near).toSorted((a, b) => a.distance - b.distance)[0];
    return found ? content?.layers.indexOf(found.layer.name) ?? null : null;
  }

  /** Without a plane, why there is none takes its place. */
  function arrange(absence: string | null): void {
    pane.root.classList.toggle('whole-width', absence !== null);
    aside.hidden = absence !== null;
    if (frame) frame.hidden = absence !== null;
    why.hidden = absence === null;
    why.textContent = absence;
  }

  function absence(): string {
    // What is asked may have places yet.
    if (!diagram && answered !== asked) return '';
    return content?.theory.length === 0 ? say('Theory says nothing of data that are given, and nothing before the first run.')
      : say('Order and chaos are of kernels with an activation right behind them, and theory knows none in this network. A norm between the two takes '
        + 'the kernel’s scale away.');
  }

  function drawWords(): void {
    if (!diagram || placed.length === 0) {
      arrange(absence());
      return;
    }
    arrange(null);
    const { activation, layers } = diagram;
    replaceChildren(words, [
      element('h2', { text: sayOf(layers.length, '{1}, {0} layer', '{1}, {0} layers', activation) }),
      element('p', {
        class: 'muted',
        text: say('Where kernels and biases of each scheme lie. Left of the line a deep stack forgets what it is shown, right of it alike samples part; on it '
          + 'a gradient keeps its size (Schoenholz et al. 2017).'),
      }),
      element('table', { class: 'number', testid: 'phase-table' }, [
        element('thead', {},
          [element('tr', {}, [say('Scheme'), 'σ_w²', 'σ_b²', 'χ⊥', 'ξ'].map((text) => element('th', { text, attributes: { scope: 'col' } })))]),
        element('tbody', {}, placed.map(({ scheme, title: name, at, perpendicular, depthScale }) => element('tr', { attributes: { 'data-scheme': scheme } }, [
          element('th', { attributes: { scope: 'row' } }, [marker(scheme), ` ${name}`]),
          ...[at.weights, at.biases, perpendicular, depthScale].map((value) => element('td', { text: significant(value), title: exact(value) })),
        ]))),
      ]),
      element('ul', {}, [
        ...placed.map((each) => element('li', { text: `${each.title}: ${depthWords(each, layers.length)}` })),
        ...unplaced(content?.schemes ?? [], placed).map((name) => element('li', {
          text: say('{0}: without a place. No signal that varies comes to its activations, or theory does not follow it.', name),
        })),
      ]),
    ]);
  }

  return {
    panes: [pane.root, aside],
    draw(next, theme) {
      if (content?.file !== next.file) diagram = null;
      content = next;
      palette = theme;
      placed = placeSchemes(next.theory, next.schemes, diagram?.layers ?? null);
      const everywhere = placeSchemes(next.theory, next.schemes, null);
      const request: PhaseRequest = {
        layers: [...new Set(everywhere.flatMap(({ layers }) => layers.map(({ name }) => name)))],
        reach: { weights: Math.max(0, ...everywhere.map(({ at }) => at.weights)), biases: Math.max(0, ...everywhere.map(({ at }) => at.biases)) },
      };
      const key = JSON.stringify([next.file, request]);
      if (key !== asked) {
        asked = key;
        void options.ask(request).then((answer) => {
          if (asked !== key || !content || !palette) return;
          answered = key;
          diagram = answer;
          placed = placeSchemes(content.theory, content.schemes, answer?.layers ?? null);
          drawWords();
          pane.draw(palette, summary());
        }, () => undefined);
      }
      drawWords();
      pane.draw(theme, summary());
    },
    point(layer) {
      if (layer === cursor) return;
      cursor = layer;
      pane.mark();
    },
  };

  function summary(): string {
    return `${title}. ${placed.map((each) => say('{0} at σ_w² {1}, σ_b² {2}', each.title, significant(each.at.weights),
      significant(each.at.biases))).join('; ')}.`;
  }
}
