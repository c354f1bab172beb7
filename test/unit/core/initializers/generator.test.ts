import { describe, expect, it } from 'vitest';

import { hashText } from '../../../../src/core/initializers/hash';
import { naturalLogarithm, normalQuantile, philox } from '../../../../src/core/kernels/random';
import { createRandom } from '../../support/random';

describe('Philox 4x32-10', () => {
  const ones = 0xffffffff;
  /** Known-answer vectors of Random123 1.14 (kat_vectors, philox4x32 10): counter, key, result. */
  it.each([
    [[0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
    [[ones, ones, ones, ones], [ones, ones], [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]],
  ])('%o with key %o', ([c0 = 0, c1 = 0, c2 = 0, c3 = 0], [k0 = 0, k1 = 0], expected) => {
    expect(philox([c0, c1, c2, c3], [k0, k1])).toEqual(expected);
  });
  it('takes words as signed or unsigned alike', () => {
    expect(philox([-1, 0, -(2 ** 31), 0], [-5, 0])).toEqual(philox([0xffffffff, 0, 2 ** 31, 0], [2 ** 32 - 5, 0]));
  });
});

describe('64-bit FNV-1a', () => {
  /** Vectors of draft-eastlake-fnv, appendix C; the last one computed over its UTF-8 bytes. */
  it.each([
    ['', 0xcbf29ce484222325n], ['a', 0xaf63dc4c8601ec8cn], ['foobar', 0x85944171f73967e8n], ['Größe/重み/🎲', 0x80d1e95de3b61351n],
  ])('of "%s"', (text, hash) => {
    const [low, high] = hashText(text);
    expect((BigInt(high) << 32n) | BigInt(low)).toBe(hash);
  });
});

describe('the normal quantile', () => {
  /** Computed to 60 digits by Newton's method on ln Φ (mpmath 1.3), then rounded to double. */
  const references: readonly (readonly [number, number])[] = [
    [1e-300, -37.0470962993612], [1e-250, -33.79958617269484], [1e-150, -26.122961190593983], [1e-100, -21.273453560965326],
    [1e-50, -14.933337534788489], [1e-20, -9.262340089798407], [2 ** -53, -8.209536151601387], [1e-15, -7.941345326170997],
    [1e-11, -6.706023155495136], [1.3e-11, -6.667611456510741], [1e-8, -5.612001244174789], [1e-5, -4.264890793922825],
    [0.001, -3.0902323061678136], [0.01, -2.326347874040841], [0.02425, -1.972961051311885], [0.05, -1.6448536269514726],
    [0.0749, -1.4402382675279637], [0.075, -1.439531470938456], [0.0751, -1.43882539275254], [0.1, -1.2815515655446004],
    [0.25, -0.6744897501960817], [0.3, -0.5244005127080408], [0.45, -0.12566134685507402], [0.49999, -2.5066282748960008e-5], [0.5, 0],
    [0.50001, 2.506628274882086e-5], [0.6, 0.2533471031357997], [0.75, 0.6744897501960817], [0.9, 1.2815515655446006],
    [0.925, 1.4395314709384561], [0.95, 1.6448536269514722], [0.975, 1.9599639845400538], [0.99, 2.3263478740408408],
    [0.999, 3.090232306167813], [0.99999, 4.264890793923841], [1 - 2 ** -40, 7.047700256664409], [1 - 2 ** -53, 8.209536151601387],
  ];
  it.each(references)('at %d', (p, z) => expect(Math.abs(normalQuantile(p) - z)).toBeLessThanOrEqual(1e-15 * Math.abs(z)));
  it('is odd about one half', () => {
    for (const p of [0.125, 2 ** -20, 2 ** -40]) expect(normalQuantile(1 - p)).toBe(-normalQuantile(p));
  });
  it('rises without a step, also where its pieces meet', () => {
    const places = [0.075, 0.925, Math.exp(-25), 1 - Math.exp(-25)];
    for (const place of places) {
      let last = -Infinity;
      for (let step = -200; step <= 200; step++) {
        const z = normalQuantile(place + Math.min(place, 1 - place) * step * 2 ** -20);
        expect(z).toBeGreaterThan(last - 2e-15 * Math.abs(z));
        last = z;
      }
    }
  });
});

describe('the natural logarithm', () => {
  it('is that of the platform to a few units in the last place, over all magnitudes', () => {
    const random = createRandom(1);
    for (let i = 0; i < 20_000; i++) {
      const x = (1 + random()) * 2 ** Math.floor(random() * 2000 - 1000);
      expect(Math.abs(naturalLogarithm(x) - Math.log(x))).toBeLessThanOrEqual(1e-15 * Math.abs(Math.log(x)));
    }
  });
  it('is exact to the same degree close to 1', () => {
    for (let k = 1; k <= 52; k++) {
      for (const x of [1 + 2 ** -k, 1 - 2 ** -(k + 1)]) {
        expect(Math.abs(naturalLogarithm(x) - Math.log(x))).toBeLessThanOrEqual(1e-15 * Math.abs(Math.log(x)));
      }
    }
    expect(naturalLogarithm(1)).toBe(0);
  });
});
