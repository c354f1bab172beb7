// Curves over steps or rates as a figure to take away: bands, lines, what ends them, and the line of a network that knows nothing.

import type { Palette } from '../../ui/theme';
import type { CurveContent } from '../training/curveChart';
import type { Curve, CurvePoint } from '../training/curves';
import { axisRoom, writeAxes } from './axes';
import { framed, lineHeight, type FigureWords } from './frame';
import { csvOf, jsonOf } from './numbers';
import { pixel, tag, text } from './xml';

const left = axisRoom.before;
const perCharacter = 6.6;

export function writeCurves(content: CurveContent, words: FigureWords, palette: Palette): string {
  const { curves, x, y, xTitle, yTitle, reference, titleOf, styleOf } = content;
  return framed(words, palette, (area) => {
    const [right, top, bottom] = [area.left + area.width, area.top + lineHeight, area.top + area.height - axisRoom.under];
    const across = (value: number): number => left + (x.position(value) - x.min) / (x.max - x.min) * (right - left);
    const up = (value: number): number => bottom - (y.position(value) - y.min) / (y.max - y.min) * (bottom - top);
    const marksAcross = x.ticks(right - left).map(({ value, label }) => ({ at: left + (value - x.min) / (x.max - x.min) * (right - left), label }));
    const marksUp = y.ticks(bottom - top).map(({ value, label }) => ({ at: bottom - (value - y.min) / (y.max - y.min) * (bottom - top), label }));
    const axes = writeAxes({ left, right, top, bottom }, {
      across: { title: xTitle, marks: marksAcross }, up: { title: yTitle, marks: marksUp },
    }, palette);
    const named = reference ? [
      tag('line', { 'x1': left, 'x2': right, 'y1': pixel(up(reference.y)), 'y2': pixel(up(reference.y)), 'stroke': palette.muted, 'stroke-dasharray': '6 4' }),
      text(reference.label, { 'x': right, 'y': pixel(up(reference.y) - 5), 'text-anchor': 'end', 'font-size': 11, 'fill': palette.muted }),
    ] : [];
    const lines = curves.flatMap((curve) => drawn(curve, styleOf(curve, palette), (point, value) => `${pixel(across(point.x))} ${pixel(up(value))}`));
    return [...legend(content, area.top, palette), ...axes, ...named, ...lines].join('\n');

    function drawn({ points }: Curve, style: ReturnType<CurveContent['styleOf']>, at: (point: CurvePoint, value: number) => string): readonly string[] {
      if (points.length === 0) return [];
      const way = (of: readonly CurvePoint[], value: (point: CurvePoint) => number): string => of.map((point) => at(point, value(point))).join('L');
      const band = points.some(({ low, high }) => low < high) ? [tag('path', {
        'd': `M${way(points, ({ high }) => high)}L${way(points.toReversed(), ({ low }) => low)}Z`, 'fill': style.colour, 'fill-opacity': 0.2,
      })] : [];
      return [...band, tag('path', {
        'd': `M${way(points, ({ median }) => median)}`, 'fill': 'none', 'stroke': style.colour, 'stroke-width': 1.75,
        'stroke-dasharray': style.dash.length === 0 ? undefined : style.dash.join(' '),
      })];
    }
    // A title is as long as its words: what does not fit is told by the caption.
    function legend({ curves: all }: CurveContent, height: number, colours: Palette): readonly string[] {
      let from = left;
      return all.map((curve) => {
        const [title, start, style] = [titleOf(curve), from, styleOf(curve, colours)];
        from += 44 + title.length * perCharacter;
        const dash = style.dash.length === 0 ? undefined : style.dash.join(' ');
        const line = { 'stroke': style.colour, 'stroke-width': 1.75, 'stroke-dasharray': dash };
        return tag('line', { x1: start, x2: start + 22, y1: height, y2: height, ...line })
          + text(title, { x: start + 28, y: height + 4, fill: colours.foreground });
      });
    }
  }, left);
}

/** A row for each point that is drawn. */
export function curvesCsv({ curves, xTitle, titleOf }: CurveContent): string {
  const rows = curves.flatMap((curve) => curve.points.map(({ x, median, low, high }) => [titleOf(curve), x, median, low, high].map(String)));
  return csvOf([['curve', xTitle, 'median', 'low', 'high'], ...rows]);
}

export function curvesJson({ curves, xTitle, yTitle, titleOf }: CurveContent, { title, caption }: FigureWords): string {
  return jsonOf({ title, caption, x: xTitle, y: yTitle, curves: curves.map((curve) => ({ title: titleOf(curve), ...curve })) });
}
