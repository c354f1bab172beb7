import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { operators } from '../../src/core/ops/registry';
import { standardWithoutEntry } from '../../src/core/ops/withoutEntry';
import { listOf, readJson } from '../golden/goldens';
import { operatorTable, outdated, withoutEntry } from './operatorTable';

const names = listOf(readJson('standardOperators.json')).map(String);

describe('the page of operators', () => {
  it('is up to date; if not: npm run docs:operators', () => {
    expect(readFileSync(path.join(import.meta.dirname, '../../docs/operators.md'), 'utf8')).toBe(operatorTable(names));
  });

  it('gives no reason for what has an entry by now', () => {
    expect(outdated(names)).toEqual([]);
  });

  it('agrees with what is known to be of the standard and to have no entry', () => {
    expect([...standardWithoutEntry].sort()).toEqual([...withoutEntry].sort());
  });

  it('knows every operator that has an entry', () => {
    expect([...operators.keys()].filter((op) => !names.includes(op))).toEqual([]);
  });
});
