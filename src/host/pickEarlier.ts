// Which of the runs that are kept lies over the present ones: chosen, renamed and forgotten in one list.

import * as vscode from 'vscode';

import { say, sayOf } from '../protocol/words';
import type { KeptRun, KeptRuns } from './keptRuns';
import { titlesOf } from './keptRuns';

interface RunItem extends vscode.QuickPickItem {
  /** Null for what was before the last change of the weights. */
  readonly run: KeptRun | null;
}

const longestName = 80;
const rename: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('edit'), tooltip: say('Rename') };
const forget: vscode.QuickInputButton = { iconPath: new vscode.ThemeIcon('trash'), tooltip: say('Forget') };

/** Ends when one is chosen, or none. */
export async function pickEarlier(kept: KeptRuns, model: string): Promise<KeptRun | null | undefined> {
  const list = vscode.window.createQuickPick<RunItem>();
  list.title = say('Lay an Earlier Run Over');
  list.placeholder = say('Drawn faintly behind the present runs');
  list.matchOnDescription = true;
  list.matchOnDetail = true;
  const fill = (): void => { list.items = itemsOf(kept, model); };
  fill();
  const answer = await new Promise<{ readonly run: KeptRun | null; readonly isRenamed: boolean } | undefined>((resolve) => {
    list.onDidAccept(() => {
      const [item] = list.selectedItems;
      resolve(item && { run: item.run, isRenamed: false });
    });
    list.onDidHide(() => resolve(undefined));
    list.onDidTriggerItemButton(({ item: { run }, button }) => {
      if (run && button === forget) void kept.forget(run).then(fill);
      else resolve({ run, isRenamed: true });
    });
    list.show();
  });
  list.dispose();
  return answer?.isRenamed && answer.run ? askName(kept, model, answer.run) : answer?.run;
}

async function askName(kept: KeptRuns, model: string, run: KeptRun): Promise<KeptRun | null | undefined> {
  const name = await vscode.window.showInputBox({
    title: say('Rename Run'), value: run.name, prompt: say('As the charts and the list name it'),
    validateInput: (text) => (text.trim() === '' || text.length > longestName ? say('Between 1 and {0} characters.', longestName) : undefined),
  });
  if (name !== undefined) await kept.rename(run, name.trim());
  return pickEarlier(kept, model);
}

function itemsOf(kept: KeptRuns, model: string): readonly RunItem[] {
  const shown = kept.laidOver(model);
  const mark = (isShown: boolean, label: string): string => (isShown ? `$(check) ${label}` : label);
  const item = (run: KeptRun): RunItem => ({
    run, label: mark(run.id === shown?.id, run.name), description: new Date(run.at).toLocaleString(vscode.env.language), detail: detailOf(run, model),
    buttons: [rename, forget],
  });
  const separator = (label: string): RunItem => ({ run: null, label, kind: vscode.QuickPickItemKind.Separator });
  const own = kept.all().filter((each) => each.model === model);
  const others = kept.all().filter((each) => each.model !== model);
  return [
    { run: null, label: mark(shown === null, say('Before the Last Change')), detail: say('What these weights did before they were changed, where they were') },
    ...(own.length > 0 ? [separator(say('Of this model')), ...own.map(item)] : []),
    ...(others.length > 0 ? [separator(say('Of other models')), ...others.map(item)] : []),
  ];
}

/** What the name does not say. */
function detailOf({ file, name, schemes, seeds, model }: KeptRun, own: string): string {
  const titles = titlesOf(schemes);
  return [...model === own ? [] : [file], ...name.startsWith(titles) ? [] : [titles], sayOf(seeds, '{0} seed', '{0} seeds')].join(' · ');
}
