import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** What is shipped. */
export const dist = path.join(root, 'dist');
/** What a script makes for itself: compiled tests, type information. */
export const build = path.join(root, '.build');
/** Programs the tests run, kept out of node_modules because the extension does not depend on them. */
export const tools = path.join(root, '.tools');
/** What a run leaves behind for a person to look at: screenshots, logs, the .vsix. */
export const artifacts = path.join(root, '.artifacts');

/** Where VS Code, its server and onnxruntime-node agree on a name: `linux-x64`, `win32-arm64`, `darwin-arm64`. */
export const platformName = `${process.platform}-${process.arch}`;
