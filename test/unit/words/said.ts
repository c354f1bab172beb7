/** What the sources say: every text that is given to `say` and `sayOf`, found by the compiler's own parser. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

export const root = path.resolve(import.meta.dirname, '../../..');

export const readJson = (name: string): unknown => JSON.parse(readFileSync(path.join(root, name), 'utf8'));

export function readTexts(name: string): Readonly<Record<string, string>> {
  const found = readJson(name);
  if (typeof found !== 'object' || found === null) throw new Error(`${name} is no table of texts.`);
  return Object.fromEntries(Object.entries(found).map(([key, value]) => {
    if (typeof value !== 'string') throw new Error(`${name}: ${key} is no text.`);
    return [key, value];
  }));
}

export function sourcesBelow(...folders: readonly string[]): readonly ts.SourceFile[] {
  return folders.flatMap((folder) => readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('assembly'))
    .map((name) => {
      const file = path.join(folder, name);
      return ts.createSourceFile(file, readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
    }));
}

export function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  node.forEachChild((child) => visit(child, look));
}

export const placeOf = (node: ts.Node): string => {
  const file = node.getSourceFile();
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
};

/** Of literals, and of such in several lines; null for what is made while it runs. */
export function literalOf(node: ts.Node): string | null {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return null;
  const [left, right] = [literalOf(node.left), literalOf(node.right)];
  return left === null || right === null ? null : left + right;
}

interface Said {
  readonly text: string;
  readonly at: string;
  /** Values that are given for its places; null where they are spread. */
  readonly values: number | null;
}

/** Throws for a text that is made while it is said: no translation could be found for it. */
export function saidIn(sources: readonly ts.SourceFile[]): readonly Said[] {
  const said: Said[] = [];
  // A function of the same name in another file is its own.
  for (const source of sources.filter(({ text }) => /^import .*\bsay(Of)?\b.* from '.*\/words';$/m.test(text))) {
    visit(source, (node) => {
      if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return;
      const name = node.expression.text;
      if (name !== 'say' && name !== 'sayOf') return;
      const texts = name === 'say' ? node.arguments.slice(0, 1) : node.arguments.slice(1, 3);
      const values = node.arguments.some(ts.isSpreadElement) ? null : name === 'say' ? node.arguments.length - 1 : node.arguments.length - 2;
      for (const text of texts) {
        const literal = literalOf(text);
        if (literal === null) throw new Error(`${placeOf(text)}: ${text.getText()} is no literal, and cannot be translated.`);
        said.push({ text: literal, at: placeOf(text), values });
      }
    });
  }
  return said;
}

/** "{0} {1}": the places of a text, each once. */
export const placesOf = (text: string): string => [...new Set(text.match(/\{\d+\}/g) ?? [])].sort().join(' ');
