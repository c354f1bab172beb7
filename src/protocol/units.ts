/** "97.5 MB", in steps of 1024 as VS Code's Explorer counts. */
export function bytes(count: number): string {
  return scaled(count, 1024, [' B', ' KB', ' MB', ' GB', ' TB']);
}

/** Three digits of a count in the largest unit that it fills; each is `step` of the one before. */
export function scaled(count: number, step: number, units: readonly string[]): string {
  let value = count;
  let unit = 0;
  while (value >= step * 0.9995 && unit < units.length - 1) {
    value /= step;
    unit += 1;
  }
  const digits = unit === 0 ? String(value) : value >= 1000 ? String(Math.round(value)) : value.toPrecision(3);
  return `${digits}${units[unit] ?? ''}`;
}
