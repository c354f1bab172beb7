/** What was measured, beside what a peer took in the same run. */
const rows: string[][] = [['what', 'Initscope', 'peer', 'ratio', 'peer is']];
export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
export const megabytes = (value: number): string => `${(value / 1e6).toFixed(0)} MB`;

export function compare(what: string, own: number, peer: number | undefined, name: string, show: (value: number) => string = ms): void {
  if (peer === undefined) rows.push([what, show(own), '–', 'PEER ABSENT', name]);
  else rows.push([what, show(own), show(peer), `${(own / peer).toFixed(own / peer < 0.1 ? 3 : 2)}×`, name]);
}

/** Whether a number that was promised was kept. */
export function judge(what: string, own: number, target: number, show: (value: number) => string = ms): void {
  rows.push([what, show(own), show(target), own < target ? 'held' : 'MISSED', 'the target']);
}

export function printTable(): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const isText = (column: number): boolean => column === 0 || column === 4;
  const pad = (cell: string, column: number): string => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0));
  for (const row of rows) console.log(row.map(pad).join('  ').trimEnd());
}
