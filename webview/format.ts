/** Numbers as the views show them: three significant digits; the tooltip has all of them (`exact`). */
import { scaled } from '../src/protocol/units';
import { grouped, say } from '../src/protocol/words';

const superscripts: Readonly<Record<string, string>> = {
  '-': '⁻', '0': '⁰', '1': '¹', '2': '²', '3': '³', '4': '⁴', '5': '⁵', '6': '⁶', '7': '⁷', '8': '⁸', '9': '⁹',
};

/** "0.0589", "1.02e-24", "0", "NaN"; a dash where there is no number. */
export function significant(value: number | null): string {
  if (value === null) return '–';
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '-∞';
  if (value === 0) return '0';
  const magnitude = Math.abs(value);
  // toPrecision may round up to the next decade, which decides between the two notations.
  const rounded = Number(magnitude.toPrecision(3));
  if (rounded < 1e-3 || rounded >= 1e6) return value.toExponential(2).replace('e+', 'e');
  if (rounded >= 1000) return grouped(Math.round(rounded) * Math.sign(value));
  return value.toPrecision(3);
}

/** For narrow columns: ".0589" rather than "0.0589". */
export function compact(value: number | null): string {
  return significant(value).replace(/^(-?)0\./, '$1.');
}

/** "all 1", of numbers that do not vary: their σ of 0 says nothing of them. */
export function allOf(value: number): string {
  return say('all {0}', trimmed(value));
}

/** A number people choose, "1" or "0.01", without the zeros a measured one would have. */
export function trimmed(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Every digit the number has. */
export function exact(value: number | null): string {
  return value === null ? say('not known') : String(value);
}

export { grouped };

/** A fan: "1,152", and "2.25" where a stride leaves a part of one. */
export function fan(value: number): string {
  return Number.isInteger(value) ? grouped(value) : significant(value);
}

/** "25.6 M" */
export function abbreviated(count: number): string {
  return scaled(count, 1000, ['', ' k', ' M', ' G', ' T']);
}

/** "0x5f2a10" */
export function hex(offset: number): string {
  return `0x${offset.toString(16)}`;
}

/** "[64, 64, 3, 3]"; "scalar" has no dimensions. */
export function shape(dimensions: readonly (number | string)[] | null): string {
  if (dimensions === null) return '[?]';
  return dimensions.length === 0 ? say('scalar') : `[${dimensions.join(', ')}]`;
}

/** "30.8×" */
export function ratio(value: number): string {
  return `${significant(value)}×`;
}

/** "10⁻⁸" */
export function powerOfTen(exponent: number): string {
  if (exponent === 0) return '1';
  return `10${String(exponent).replace(/./g, (digit) => superscripts[digit] ?? digit)}`;
}

/** "0.8 s", "2 min 5 s" */
export function duration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return say('{0} s', seconds.toFixed(1));
  if (seconds < 60) return say('{0} s', Math.round(seconds));
  return say('{0} min {1} s', Math.floor(seconds / 60), Math.round(seconds % 60));
}

/** Keeps both ends of a long name, since layers of one block differ at the end. */
export function shortened(name: string, length: number): string {
  if (name.length <= length) return name;
  const head = Math.floor((length - 1) / 3);
  return `${name.slice(0, head)}…${name.slice(name.length - (length - 1 - head))}`;
}

/** Characters that draw nothing of their own, or turn the text behind them around: names come from strangers. */
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** A text as it may be shown: of bounded length, and with a sign in place of what could disguise it. */
export function legible(text: string, length: number): string {
  return shortened(text, length).replace(unprintable, '\ufffd');
}

/** The last part of a path, whichever way its slashes lean. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
