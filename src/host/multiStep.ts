import * as vscode from 'vscode';

/** What comes of one question: an answer, the wish to go back, or (undefined) the end of it all. */
export type Answer<T> = { readonly value: T } | 'back' | undefined;

/** Where in a row of questions one is. */
export interface Place {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
  /** Whether there is a question before it. */
  readonly canGoBack: boolean;
}

/** One of several questions, whose answer it keeps. */
export interface Step {
  /** Whether it is asked, as far as the answers before it tell. */
  isAsked(): boolean;
  ask(place: Place): Promise<Answer<unknown>>;
}

/** Asks one question after the other, with the way back; false where the user gives up. */
export async function askInTurn(title: string, steps: readonly Step[]): Promise<boolean> {
  const asked: number[] = [];
  for (let at = 0; at < steps.length;) {
    const step = steps[at];
    if (!step?.isAsked()) {
      at++;
      continue;
    }
    const totalSteps = steps.filter((each) => each.isAsked()).length;
    const number = steps.slice(0, at).filter((each) => each.isAsked()).length + 1;
    const answer = await step.ask({ title, step: number, totalSteps, canGoBack: asked.length > 0 });
    if (answer === undefined) return false;
    if (answer === 'back') at = asked.pop() ?? 0;
    else asked.push(at++);
  }
  return true;
}

/** Behind a question's own title: "Reinitialize Weights: scheme". */
export const about = (place: Place, what: string): Place => ({ ...place, title: `${place.title}: ${what}` });

export interface ListOptions<T> {
  readonly placeholder?: string;
  /** The item that is chosen by Enter at first. */
  readonly active?: T | undefined;
}

/** One item of a list, which typing narrows. */
export function askForItem<T extends vscode.QuickPickItem>(place: Place, items: readonly T[], options: ListOptions<T> = {}): Promise<Answer<T>> {
  const list = createList(place, items, options);
  if (options.active) list.activeItems = [options.active];
  return show(list, () => list.selectedItems[0]);
}

/** Any number of items of a list. */
export function askForItems<T extends vscode.QuickPickItem>(place: Place, items: readonly T[], options: ListOptions<T> = {}): Promise<Answer<readonly T[]>> {
  const list = createList(place, items, options);
  list.canSelectMany = true;
  return show(list, () => list.selectedItems);
}

export interface FieldOptions {
  readonly value: string;
  readonly prompt: string;
  /** What is wrong with a text, or undefined. */
  readonly refuse: (text: string) => string | undefined;
}

export function askForText(place: Place, { value, prompt, refuse }: FieldOptions): Promise<Answer<string>> {
  const field = vscode.window.createInputBox();
  arrange(field, place);
  Object.assign(field, { value, prompt, valueSelection: [0, value.length] });
  field.onDidChangeValue((text) => { field.validationMessage = refuse(text); });
  return show(field, () => {
    field.validationMessage = refuse(field.value);
    return field.validationMessage === undefined ? field.value : undefined;
  });
}

function createList<T extends vscode.QuickPickItem>(place: Place, items: readonly T[], { placeholder }: ListOptions<T>): vscode.QuickPick<T> {
  const list = vscode.window.createQuickPick<T>();
  arrange(list, place);
  Object.assign(list, { items, placeholder, matchOnDescription: true, matchOnDetail: true });
  return list;
}

function arrange(input: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox, { title, step, totalSteps, canGoBack }: Place): void {
  // An editor that is just opening may take the focus, and gives it back.
  Object.assign(input, { title, ignoreFocusOut: true, ...(totalSteps > 1 ? { step, totalSteps } : {}) });
  if (canGoBack) input.buttons = [vscode.QuickInputButtons.Back];
}

/** Shows a question until it is answered; `read` returns nothing where the answer cannot be taken yet. */
function show<T, I extends vscode.QuickPickItem>(input: vscode.QuickPick<I> | vscode.InputBox, read: () => T | undefined): Promise<Answer<T>> {
  return new Promise((resolve) => {
    input.onDidAccept(() => {
      const value = read();
      if (value === undefined) return;
      resolve({ value });
      input.dispose();
    });
    input.onDidTriggerButton(() => {
      resolve('back');
      input.dispose();
    });
    input.onDidHide(() => {
      resolve(undefined);
      input.dispose();
    });
    input.show();
  });
}
