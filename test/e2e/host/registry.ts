/** A test runner for the extension host, where no other runs: it is told of tests, runs them in order, and says how each went. */
import { writeFileSync } from 'node:fs';

interface Test {
  readonly name: string;
  readonly body: () => unknown;
}

const tests: Test[] = [];
const groups: string[] = [];
const longestMs = 60_000;

export function describe(name: string, declare: () => void): void {
  groups.push(name);
  declare();
  groups.pop();
}

export function test(name: string, body: () => unknown): void {
  tests.push({ name: [...groups, name].join(' > '), body });
}

/** VS Code calls this; a rejection makes the run a failure. The counts and what failed go to the file that scripts/host-tests.mjs named. */
export async function run(): Promise<void> {
  const failures: string[] = [];
  for (const { name, body } of tests) {
    const start = performance.now();
    const failure = await outcome(body);
    const elapsed = `${(performance.now() - start).toFixed(0)} ms`;
    const line = failure === undefined ? `✓ ${name} (${elapsed})` : `✗ ${name} (${elapsed})\n${failure}`;
    report(line);
    if (failure !== undefined) failures.push(line);
  }
  const results = process.env.INITSCOPE_RESULTS;
  if (results !== undefined) writeFileSync(results, JSON.stringify({ passed: tests.length - failures.length, failed: failures.length, failures }));
  if (failures.length > 0) throw new Error(`${failures.length} of ${tests.length} tests failed.`);
}

async function outcome(body: () => unknown): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took longer than ${longestMs} ms.`)), longestMs);
  });
  try {
    await Promise.race([body(), deadline]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.stack ?? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}

/** The mark tells these lines from what VS Code itself says on the console. */
function report(text: string): void {
  console.log(`[initscope-test] ${text}`);
}
