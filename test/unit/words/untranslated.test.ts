/** Finds what a page shows and nobody has translated: texts, titles and labels that are literals with letters in them. */
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { placeOf, sourcesBelow, visit } from './said';

/** What a reader sees or hears of an element. */
const shown = new Set(['text', 'title', 'label', 'placeholder', 'term', 'tip', 'detail']);
/** Names, units and signs, which are the same in every language. */
const allowed: readonly RegExp[] = [/^(SVG|PNG|CSV|JSON|MSE|fan in|fan out|opset|NaN\/∞|NaN, ∞)$/];

const hasLetters = (text: string): boolean => /[A-Za-z]{2}/.test(text);

/** Literals that may come out of an expression, the branches of conditions among them. */
function literalsOf(node: ts.Expression): readonly ts.Expression[] {
  if (ts.isParenthesizedExpression(node)) return literalsOf(node.expression);
  if (ts.isConditionalExpression(node)) return [...literalsOf(node.whenTrue), ...literalsOf(node.whenFalse)];
  if (ts.isBinaryExpression(node) && [ts.SyntaxKind.PlusToken, ts.SyntaxKind.QuestionQuestionToken].includes(node.operatorToken.kind)) {
    return [...literalsOf(node.left), ...literalsOf(node.right)];
  }
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) ? [node] : [];
}

/** The letters of a literal that are no placeholder's. */
const lettersOf = (node: ts.Expression): string => (ts.isTemplateExpression(node)
  ? [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(' ') : ts.isStringLiteralLike(node) ? node.text : '');

function rawIn(source: ts.SourceFile): readonly string[] {
  const found: string[] = [];
  visit(source, (node) => {
    if (!ts.isPropertyAssignment(node) || !shown.has(node.name.getText())) return;
    for (const literal of literalsOf(node.initializer)) {
      const letters = lettersOf(literal).trim();
      if (hasLetters(letters) && !allowed.some((form) => form.test(letters))) found.push(`${placeOf(literal)}: ${letters}`);
    }
  });
  return found;
}

describe('pages', () => {
  it('show no text that is not said', () => {
    const sources = sourcesBelow('webview');
    expect(sources.length).toBeGreaterThan(20);
    expect(sources.flatMap(rawIn)).toEqual([]);
  });
});
