// What a text that declares a network offers where one looks at it: fixes of its problems, hovers over initialisers, commands on top.

import * as vscode from 'vscode';

import { openBytes } from '../../formats/files/byteSource';
import { declareIn } from '../../formats/saving/declared';
import { plainText } from '../../protocol/plainText';
import type { Recipe } from '../../protocol/recipe';
import { say } from '../../protocol/words';
import type { Analysis, DeclaredWeight } from './analysis';
import { editOf } from './modelText';
import type { TextModels } from './textModels';
import { problemSource } from './textModels';

const selector: vscode.DocumentSelector = [{ language: 'json', scheme: 'file' }, { language: 'jsonc', scheme: 'file' }];
/** Of what editors do on saving, where a user lets them. */
const fixAllKind = vscode.CodeActionKind.SourceFixAll.append('initscope');

export function registerTextProviders(models: TextModels): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.languages.registerCodeActionsProvider(selector, { provideCodeActions: (document, range, context) => fixes(models, document, range, context) }, {
      providedCodeActionKinds: [vscode.CodeActionKind.QuickFix, fixAllKind],
    }),
    vscode.languages.registerHoverProvider(selector, { provideHover: (document, position) => hover(models, document, position) }),
    vscode.languages.registerCodeLensProvider(selector, { onDidChangeCodeLenses: models.onDidChange, provideCodeLenses: (document) =>
      lenses(models, document) }),
  );
}

/** The changes of the text for what these recipes say; null where its words cannot. */
function editFor(document: vscode.TextDocument, { opened }: Analysis, recipes: readonly Recipe[]): vscode.WorkspaceEdit | null {
  const source = openBytes(document.uri.fsPath, Buffer.from(document.getText()));
  const { replacements } = declareIn(source, opened, recipes);
  return replacements.length === 0 ? null : editOf(document, replacements);
}

function fixes(models: TextModels, document: vscode.TextDocument, range: vscode.Range, { diagnostics, only }: vscode.CodeActionContext): vscode.CodeAction[] {
  const analysis = models.of(document);
  if (!analysis) return [];
  const wrong = analysis.weights.filter(({ problems }) => problems.length > 0);
  const own = wrong.filter((weight) => models.rangeOf(document, weight.span).intersection(range));
  const single = own.flatMap((weight) => {
    const edit = weight.fix && editFor(document, analysis, weight.fix);
    if (!edit) return [];
    const what = weight.weight.recommendation?.title ?? say('what is recommended');
    const title = say('Declare {0} for {1}', what, plainText(weight.weight.name, longestName));
    const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
    action.edit = edit;
    action.diagnostics = diagnostics.filter(({ source }) => source === problemSource);
    action.isPreferred = true;
    return [action];
  });
  const all = editFor(document, analysis, wrong.flatMap(({ fix }) => fix ?? []));
  if (!all || (own.length === 0 && only?.contains(fixAllKind) !== true)) return single;
  const every = new vscode.CodeAction(say('Declare what is recommended for every layer with a problem'), only?.contains(fixAllKind) === true ? fixAllKind
    : vscode.CodeActionKind.QuickFix);
  every.edit = all;
  return [...single, every];
}

/** Characters of a name that a menu shows. */
const longestName = 80;

const number = (value: number | null): string => (value === null ? '?' : String(Number(value.toPrecision(4))));

function hover(models: TextModels, document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
  const analysis = models.of(document);
  const found = analysis?.weights.filter((weight) => models.rangeOf(document, weight.span).contains(position)) ?? [];
  const [first] = found;
  const more = found.length > mostHovered ? [new vscode.MarkdownString(say('… and {0} more that are written here', found.length - mostHovered))] : [];
  return first && new vscode.Hover([...found.slice(0, mostHovered).map(described), ...more], models.rangeOf(document, first.span));
}

/** A field may declare many weights. */
const mostHovered = 6;

function described({ layer, weight, statistics, name }: DeclaredWeight): vscode.MarkdownString {
  const { recommendation, fanIn, fanOut, shape } = weight;
  const text = new vscode.MarkdownString();
  const add = (line: string): void => {
    text.appendText(line).appendMarkdown('\n\n');
  };
  const fans = fanIn === null ? '' : `, fan_in ${number(fanIn)}, fan_out ${number(fanOut)}`;
  add(say('{0}, then {1}', `${weight.name} [${shape.join(', ')}]${fans}`, layer.activation));
  add(say('Declared: {0}, {1}', name, statistics.std === 0 ? say('all {0}', number(statistics.mean)) : `σ ${number(statistics.std)}`));
  if (recommendation) {
    const what = recommendation.std === 0 ? recommendation.title : `${recommendation.title}, σ ${number(recommendation.std)}`;
    add(say('Recommended: {0}. {1} {2}', what, recommendation.reason, recommendation.source));
  }
  return text;
}

function lenses(models: TextModels, document: vscode.TextDocument): vscode.CodeLens[] {
  const analysis = models.of(document);
  if (!analysis) return [];
  const top = new vscode.Range(0, 0, 0, 0);
  const lens = (title: string, command: string): vscode.CodeLens => new vscode.CodeLens(top, { title, command, arguments: [document.uri] });
  return [
    lens(say('Inspect'), 'initscope.inspect'), lens(say('Simulate'), 'initscope.openGradientPanel'), lens(say('Reinitialize…'), 'initscope.reinitialize'),
  ];
}
