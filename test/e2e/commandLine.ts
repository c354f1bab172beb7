/** The command line as a user runs it, from the same build that is packaged. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import type { ModelComparison } from '../../src/protocol/comparison';
import type { ModelReport } from '../../src/protocol/report';
import type { SimulationResult } from '../../src/protocol/simulation';

const program = path.resolve(import.meta.dirname, '../../dist/cli.js');
const run = promisify(execFile);

export async function initscope(...words: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [program, ...words], { maxBuffer: 1 << 28 });
  return stdout;
}

export async function inspectJson(model: string): Promise<ModelReport> {
  return JSON.parse(await initscope('inspect', model, '--json')) as ModelReport;
}

export async function simulateJson(model: string, ...options: string[]): Promise<SimulationResult> {
  return JSON.parse(await initscope('simulate', model, ...options, '--json')) as SimulationResult;
}

/** What differs between two models, for which the command ends with a code of its own. */
export async function compareJson(left: string, right: string): Promise<ModelComparison> {
  const printed = await initscope('diff', left, right, '--json').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 3 && 'stdout' in error) return String(error.stdout);
    throw error;
  });
  return JSON.parse(printed) as ModelComparison;
}

/** What a command that fails says and how it ends. */
export async function failing(...words: string[]): Promise<{ readonly code: number; readonly message: string }> {
  try {
    await run(process.execPath, [program, ...words]);
  } catch (error) {
    if (error instanceof Error && 'code' in error && 'stderr' in error) return { code: Number(error.code), message: String(error.stderr) };
    throw error;
  }
  throw new Error(`initscope ${words.join(' ')} did not fail.`);
}
