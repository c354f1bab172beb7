/** Installs the packaged extension once for all browser tests. */
import type { TestProject } from 'vitest/node';
import { installVsix } from '../../../scripts/code-server.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    readonly extensions: string;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const vsix = process.env.INITSCOPE_VSIX;
  if (vsix === undefined) throw new Error('Run these tests with `npm run test:e2e`, which packages the extension first.');
  const { extensions, remove } = await installVsix(vsix);
  project.provide('extensions', extensions);
  return remove;
}
