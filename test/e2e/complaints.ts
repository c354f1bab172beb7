/** Which of the many errors on the console of a VS Code without network, native modules and Marketplace are our own. */

/** What VS Code says of itself when its page is reloaded or closed, although it may name an extension. */
const usual = [/Could not locate the bindings file/, /vscode-web-db' is closed/, /\[lifecycle\]/, /Failed to load resource/];

/** The name of the extension, of its folder, and of what it contributes; not of the folders of the tests. */
const ours = /initscope\.(initscope|inspect|reinit|gradient|open|apply)/;

/** Our scripts and webviews are served from the folder of the extension, and VS Code names it where an extension fails. */
export function isOurs(text: string, source: string): boolean {
  if (usual.some((pattern) => pattern.test(text))) return false;
  return ours.test(text) || ours.test(source) || text.includes('violates the following Content Security Policy');
}
