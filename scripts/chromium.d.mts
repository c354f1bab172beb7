/** For the tests, which are TypeScript. */
import type { Browser } from 'playwright-core';

export function ensureChromium(): Promise<string>;
export function launchBrowser(): Promise<Browser>;
