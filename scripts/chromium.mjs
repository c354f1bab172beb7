/** Finds a Chromium for the browser tests. */
import { existsSync } from 'node:fs';
import { findOnPath, isExecutable } from './find.mjs';
import { Failure, run } from './processes.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
const quietly = [
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

export async function ensureChromium() {
  const found = findChromium();
  if (found !== undefined) return found;
  if (canUseApt()) {
    console.log('Installing Chromium with apt-get…');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['-q', 'update'], { env });
    await run('apt-get', ['-q', 'install', '-y', '--no-install-recommends', 'chromium'], { env });
    const installed = findChromium();
    if (installed !== undefined) return installed;
  }
  throw new Failure('The end-to-end tests need Chromium, Chrome or Edge. Install one, or set CHROMIUM to the path of its executable.');
}

function findChromium() {
  const named = process.env.CHROMIUM;
  if (named !== undefined && named !== '') {
    if (!isExecutable(named)) throw new Failure(`CHROMIUM is set to ${named}, which cannot be run.`);
    return named;
  }
  return findOnPath(names) ?? usualPlaces().find(isExecutable);
}

function usualPlaces() {
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  }
  if (process.platform !== 'win32') return [];
  const bases = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA].filter(Boolean);
  const programs = ['Google/Chrome/Application/chrome.exe', 'Chromium/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe'];
  return bases.flatMap((base) => programs.map((program) => path.join(base, program)));
}

function canUseApt() {
  return process.platform === 'linux' && process.getuid() === 0 && existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get');
}

/** A headless browser, driven by Playwright. */
export async function launchBrowser() {
  const executablePath = await ensureChromium();
  const { chromium } = await import('playwright-core');
  const asRoot = process.getuid?.() === 0;
  return chromium.launch({ executablePath, args: [...(asRoot ? ['--no-sandbox'] : []), ...quietly] });
}
