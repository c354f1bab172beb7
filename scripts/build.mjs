/** npm run build [-- NAME… --production]: bundles everything, or only the bundles named, into dist/. `--watch` keeps doing so. */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { bundleNames, bundleOptions } from './bundles.mjs';
import { writeNotices } from './notices.mjs';
import { copyNatives } from './onnxruntime.mjs';
import { dist, platformName } from './paths.mjs';
import { Failure, isMain, runMain } from './processes.mjs';
import { ensureDependencies } from './setup.mjs';

export async function build({ production = false, platform = platformName, names = bundleNames } = {}) {
  const esbuild = await loadEsbuild();
  // A production build is what gets packaged: nothing of an earlier build may be left in it.
  if (production) rmSync(dist, { recursive: true, force: true });
  const outcomes = await Promise.allSettled(names.map((name) => esbuild.build(bundleOptions(name, { production }))));
  // esbuild has printed what is wrong with each.
  const failed = names.filter((_, i) => outcomes[i].status === 'rejected');
  if (failed.length > 0) throw new Failure(`Not built: ${failed.join(', ')}.`);
  if (names.includes('engine')) copyNatives(platform);
  if (production) writeNotices(outcomes.map(({ value }) => value.metafile));
}

async function watch(names) {
  const esbuild = await loadEsbuild();
  copyNatives(platformName);
  for (const name of names) {
    const context = await esbuild.context(bundleOptions(name, { production: false }));
    await context.watch();
  }
}

/** Loaded late: on a fresh clone it is not installed yet when this file is read. */
async function loadEsbuild() {
  await ensureDependencies();
  return import('esbuild');
}

async function main() {
  const { values, positionals } = parseArgs({
    options: { watch: { type: 'boolean' }, production: { type: 'boolean' } },
    allowPositionals: true,
  });
  const unknown = positionals.filter((name) => !bundleNames.includes(name));
  if (unknown.length > 0) throw new Failure(`There is no bundle ${unknown.join(', ')}. There are: ${bundleNames.join(', ')}.`);
  const names = positionals.length > 0 ? positionals : bundleNames;
  await (values.watch ? watch(names) : build({ production: values.production, names }));
}

if (isMain(import.meta)) await runMain(main);
