/** Where schemes lie between order and chaos, and what is said of it. */
import { describe, expect, it } from 'vitest';
import type { PhaseDiagram } from '../../../src/protocol/phase';
import type { LayerResponse, LayerTheory, SchemeTheory } from '../../../src/protocol/simulation';
import { printPalette } from '../../../webview/panel/figure/printPalette';
import { drawPhase } from '../../../webview/panel/phase/phaseDrawing';
import { depthWords, placeSchemes, unplaced } from '../../../webview/panel/phase/places';

function layer(name: string, weights: number, biases: number, perpendicular: number): LayerTheory {
  const response: LayerResponse = {
    weights, biases, perpendicular, parallel: 1, depthScale: 1, fixedPoint: null, stack: 'none', toInput: null, toOutput: null, spread: null,
  };
  return {
    name, response, preactivation: null, activation: null, gradient: { preactivation: null, activation: null, weight: null }, scale: null, steepest: null,
    inBranch: false, shut: null,
  };
}
const silent: LayerTheory = { ...layer('norm', 0, 0, 0) };
const theory: readonly SchemeTheory[] = [
  { scheme: 'current', unpredicted: [], layers: [layer('a', 1, 0.1, 0.5), layer('b', 4, 0.1, 0.5), layer('c', 2, 0.2, 0.9)] },
  { scheme: 'he-normal', unpredicted: [], layers: [layer('a', 2, 0, 1), layer('b', 2, 0, 1)] },
];
const schemes = [{ id: 'current', title: 'Current' }, { id: 'he-normal', title: 'He normal' }, { id: 'zeros', title: 'Zeros' }] as const;

describe('places in the plane', () => {
  it('are the medians over layers, and of the named layers alone where some are named', () => {
    const [current, he] = placeSchemes(theory, schemes, null);
    expect(current).toMatchObject({ scheme: 'current', at: { weights: 2, biases: 0.1 }, perpendicular: 0.5 });
    expect(he).toMatchObject({ at: { weights: 2, biases: 0 }, depthScale: Infinity });
    expect(placeSchemes(theory, schemes, ['b'])[0]).toMatchObject({ at: { weights: 4, biases: 0.1 } });
    const { response, ...without } = silent;
    expect(response).toBeDefined();
    expect(placeSchemes([{ scheme: 'current', unpredicted: [], layers: [without] }], schemes, null)).toEqual([]);
  });
  it('are missing where theory knows no response, which is said of the scheme', () => {
    expect(unplaced(schemes, placeSchemes(theory, schemes, null))).toEqual(['Zeros']);
    expect(unplaced(schemes.slice(0, 2), placeSchemes(theory, schemes, null))).toEqual([]);
  });
  it('are said in words', () => {
    expect(depthWords({ perpendicular: 0.5, depthScale: 1 / Math.LN2 }, 10)).toBe(
      'a gradient shrinks e-fold in 1.44 layers, to 9.77e-4 of its variance over 10 layers.');
    expect(depthWords({ perpendicular: 2, depthScale: 1 / Math.LN2 }, 3)).toMatch(/^a gradient grows e-fold .* to 8\.00 of its variance/);
    expect(depthWords({ perpendicular: 1, depthScale: Infinity }, 16)).toBe('a gradient keeps its variance over all 16 layers.');
    expect(depthWords({ perpendicular: 0, depthScale: 0 }, 16)).toBe('no gradient passes.');
  });
  it('are drawn where they are, and at the side with their number where the plane ends before them', () => {
    const diagram: PhaseDiagram = {
      activation: 'Tanh', layers: ['a', 'b'], reach: { weights: 2, biases: 0.5 }, columns: 3, perpendicular: [0, 1, 2, 0, 1, 2],
      edge: [{ weights: 1, biases: 0 }, { weights: 1.5, biases: 0.4 }], critical: { weights: 1, biases: 0 },
    };
    const markup = drawPhase(diagram, placeSchemes(theory, schemes, ['b']), { left: 0, top: 0, width: 400, height: 200 }, printPalette);
    expect(markup).toContain('data-median-weights="4"');
    expect(markup).toContain('>Current at 4 →</text>');
    expect(markup).toContain('edge-of-chaos');
    expect(markup).toContain('>σ_b² = Var b</text>');
    const low = drawPhase(diagram, [], { left: 0, top: 0, width: 400, height: 110 }, printPalette);
    expect(low).toContain('>σ_b²</text>');
    expect(markup.match(/<rect x="[^"]+" y="[^"]+" width="[^"]+" height="[^"]+" fill="#0072b2"/g)).toHaveLength(2);
  });
});
