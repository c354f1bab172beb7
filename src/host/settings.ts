import * as vscode from 'vscode';

/** The user's settings, each with the default that package.json declares. */
export function readSettings(scope?: vscode.Uri): { readonly seeds: number; readonly threads: number | null; readonly record: boolean } {
  const settings = vscode.workspace.getConfiguration('initscope', scope);
  const threads = settings.get<number>('simulation.threads', 0);
  return {
    seeds: Math.max(1, settings.get<number>('simulation.seeds', 3)),
    threads: threads > 0 ? threads : null,
    record: settings.get<boolean>('recordRecipes', true),
  };
}
