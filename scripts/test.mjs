/**
 * npm test [-- LEVEL…] [FILE…] [--reuse-package] [--grep NAME]: runs the levels named, or all, and closes with the sum of their counts. Of a level
 * whose files are named, only these are run.
 * Levels: unit; host (inside VS Code's extension host); browser (VS Code as a user sees it); e2e (host and browser).
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { runHostTests } from './host-tests.mjs';
import { packageExtension, vsixPath } from './package.mjs';
import { artifacts, root } from './paths.mjs';
import { Failure, exitCode, runMain, start } from './processes.mjs';
import { ensureDependencies } from './setup.mjs';

const groups = { unit: ['unit'], host: ['host'], browser: ['browser'], e2e: ['host', 'browser'], all: ['unit', 'host', 'browser'] };

async function main() {
  const { values, positionals } = parseArgs({
    options: { 'reuse-package': { type: 'boolean' }, 'grep': { type: 'string' } },
    allowPositionals: true,
  });
  const isFile = (word) => word.endsWith('.test.ts');
  const levels = chooseLevels(positionals.filter((word) => !isFile(word)));
  const files = positionals.filter(isFile);
  await ensureDependencies();
  const filter = values.grep === undefined ? [] : ['--testNamePattern', values.grep];
  const runLevel = {
    unit: async () => {
      await build({ names: ['cli', 'engine'] });
      return runVitest('unit', [...filter, ...files]);
    },
    host: async () => runHostTests(await vsix()),
    browser: async () => runVitest('browser', [...filter, ...files], { INITSCOPE_VSIX: await vsix() }),
  };
  let packaged;
  const vsix = () => (packaged ??= values['reuse-package'] ? Promise.resolve(vsixPath()) : packageExtension());

  const total = { passed: 0, failed: 0, skipped: 0 };
  const failures = [];
  for (const level of levels) {
    console.log(`\n── ${level} tests ──`);
    const counts = await runLevel[level]().catch(asFailure);
    console.log(`${level}: ${describe(counts)}`);
    for (const key of Object.keys(total)) total[key] += counts[key] ?? 0;
    failures.push(...(counts.failures ?? []));
  }
  // Said again at the end, because of a long log often only the end is kept.
  if (failures.length > 0) console.log(`\n── failed ──\n${failures.join('\n')}`);
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
  console.log(`\n${describe(total)}`);
}

function chooseLevels(words) {
  const unknown = words.filter((word) => !(word in groups));
  if (unknown.length > 0) throw new Failure(`There is no level ${unknown.join(', ')}. There are: ${Object.keys(groups).join(', ')}.`);
  return [...new Set((words.length > 0 ? words : ['all']).flatMap((word) => groups[word]))];
}

async function runVitest(project, filter, env = {}) {
  const report = path.join(artifacts, `${project}-tests.json`);
  mkdirSync(artifacts, { recursive: true });
  rmSync(report, { force: true });
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const options = ['--config', 'test/vitest.config.mts', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const child = start(process.execPath, [vitest, 'run', ...options, ...filter], { cwd: root, env: { ...process.env, ...env } });
  const code = await exitCode(child);
  const counts = existsSync(report) ? readCounts(report) : { passed: 0, failed: 0 };
  // A file that does not load, or an error outside of any test, fails the run without failing a test.
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function readCounts(report) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const failures = testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    if (failed.length === 0 && message) return [`✗ ${path.relative(root, name)}\n${message}`];
    return failed.map(({ fullName, failureMessages }) => `✗ ${path.relative(root, name)} > ${fullName}\n${failureMessages.join('\n')}`);
  });
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests, failures };
}

/** One level that cannot run is one failure; the others still run. */
function asFailure(error) {
  console.error(error instanceof Failure ? error.message : error);
  return { passed: 0, failed: 1 };
}

function describe({ passed, failed, skipped = 0 }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

await runMain(main);
