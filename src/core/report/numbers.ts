/** Three significant digits, as sentences have them. */
export function format(value: number): string {
  const magnitude = Math.abs(value);
  return magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e6) ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}

/** Whole numbers in full, others to three digits. */
export function formatCount(value: number): string {
  return Number.isInteger(value) ? String(value) : format(value);
}

/** 5000 as "5,000". */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
