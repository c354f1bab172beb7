import * as vscode from 'vscode';

interface Settings {
  readonly seeds: number;
  readonly threads: number | null;
  readonly record: boolean;
  readonly keepStructure: boolean;
}

/** The user's settings, each with the default that package.json declares. */
export function readSettings(scope?: vscode.Uri): Settings {
  const settings = vscode.workspace.getConfiguration('initscope', scope);
  const threads = settings.get<number>('simulation.threads', 0);
  return {
    seeds: Math.max(1, settings.get<number>('simulation.seeds', 3)),
    threads: threads > 0 ? threads : null,
    keepStructure: !settings.get<boolean>('splitSharedTensors', true),
    record: settings.get<boolean>('recordRecipes', true),
  };
}
