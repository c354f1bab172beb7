import tseslint from 'typescript-eslint';

/** Who may import whom, from the drawing in ARCHITECTURE.md: a part may import the parts named behind it, and itself. */
const parts = {
  'src/protocol': [],
  'src/core': ['src/protocol'],
  'src/formats': ['src/core', 'src/protocol'],
  'src/engine': ['src/formats', 'src/core', 'src/protocol'],
  'src/host': ['src/engine', 'src/formats', 'src/core', 'src/protocol'],
  'src/cli': ['src/engine', 'src/formats', 'src/core', 'src/protocol'],
  'webview': ['src/protocol'],
};
/** The same inside the parts that have rooms. */
const rooms = {
  'src/core': {
    graph: [],
    kernels: [],
    statistics: [],
    comparison: [],
    ops: ['graph'],
    autodiff: ['ops', 'graph'],
    layers: ['ops', 'graph'],
    theory: ['layers', 'ops', 'graph', 'statistics'],
    verdict: [],
    initializers: ['theory', 'layers', 'ops', 'graph', 'kernels', 'statistics'],
    learning: ['initializers', 'layers', 'ops', 'graph', 'kernels', 'statistics'],
    edits: ['initializers', 'layers', 'graph', 'statistics'],
    report: ['verdict', 'edits', 'initializers', 'theory', 'layers', 'ops', 'graph', 'statistics'],
  },
  'src/formats': {
    files: [],
    json: ['files'],
    tensors: ['json', 'files'],
    zip: ['files'],
    hdf5: ['tensors', 'files'],
    numpy: ['tensors', 'files'],
    samples: ['files'],
    lowering: ['format', 'tensors', 'json', 'files'],
    nam: ['lowering', 'format', 'tensors', 'json', 'files'],
    rtneural: ['lowering', 'format', 'tensors', 'json', 'files'],
    lwtnn: ['lowering', 'format', 'tensors', 'json', 'files'],
    convnetjs: ['lowering', 'format', 'tensors', 'json', 'files'],
    brain: ['lowering', 'format', 'tensors', 'json', 'files'],
    foreign: ['format', 'json', 'files'],
    onnx: ['format', 'tensors', 'files'],
    onnxJson: ['onnx', 'format', 'tensors', 'json', 'files'],
    keras: ['format', 'json', 'hdf5', 'zip', 'tensors', 'files'],
    tfjs: ['format', 'keras', 'json', 'tensors', 'files'],
    tfgraph: ['tfjs', 'keras', 'format', 'json', 'tensors', 'files'],
    initscope: ['format', 'json', 'files'],
    fdeep: ['keras', 'lowering', 'format', 'tensors', 'json', 'files'],
    saving: ['openModel', 'format', 'onnxJson', 'onnx', 'numpy', 'tensors', 'files'],
  },
  'src/engine': {
    feeding: ['runtime'],
    planning: ['feeding', 'runtime'],
    running: ['planning', 'feeding', 'runtime'],
    learning: ['running', 'planning', 'feeding', 'runtime'],
  },
};

/** Files that stand in no room. */
const outside = { 'src/formats': ['openModel', 'formats', 'format', 'arrays'], 'src/engine': ['runtime', 'client', 'child', 'watch', 'language'] };

const forbid = (patterns, paths = []) => ({ '@typescript-eslint/no-restricted-imports': ['error', { patterns, paths }] });
const runtime = { name: 'onnxruntime-node', message: 'Only src/engine may load ONNX Runtime.' };
const common = { name: 'onnxruntime-common', message: 'Only src/engine may load ONNX Runtime.' };
const vscode = { name: 'vscode', message: 'Only src/host and src/extension.ts may import vscode.' };
const toolkit = { name: '@vscode/webview-ui-toolkit', message: 'Only webview/ui/kit.ts may import the archived toolkit.' };

function importsOf(part) {
  const allowed = parts[part];
  const names = Object.keys(parts).filter((other) => other !== part && !allowed.includes(other)).map((other) => other.replace('src/', ''));
  const patterns = names.map((name) => ({ regex: `^(\\.\\./)+(src/)?${name}(/|$)`, message: `${part} may not import ${name} (see ARCHITECTURE.md).` }));
  const pure = part === 'src/core' || part === 'src/protocol' || part === 'webview';
  if (pure) patterns.push({ regex: '^node:', message: `${part} does not know where it runs.` });
  const paths = [part === 'src/engine' ? undefined : runtime, part === 'src/engine' ? undefined : common, part === 'src/host' ? undefined : vscode, toolkit];
  return { patterns, paths: paths.filter(Boolean) };
}

function partRule(part) {
  const { patterns, paths } = importsOf(part);
  return { files: [`${part}/**/*.ts`], ignores: ['webview/ui/kit.ts'], rules: forbid(patterns, paths) };
}

/** A room may import those below it, and of the files that stand in none what is named. */
function roomRule(part, room, allowed) {
  const above = [...Object.keys(rooms[part]), ...outside[part] ?? []].filter((other) => other !== room && !allowed.includes(other));
  const patterns = above.map((other) => ({ regex: `^(\\./|(\\.\\./)+)${other}(/|$)`, message: `${part}/${room} may not import ${part}/${other} (see ARCHITECTURE.md).` }));
  const { patterns: ofPart, paths } = importsOf(part);
  return { files: [`${part}/${room}/**/*.ts`], rules: forbid([...ofPart, ...patterns], paths) };
}

const unwanted = [
  { selector: 'TSEnumDeclaration', message: 'Use a union of string literals.' },
  { selector: 'TSAsExpression > TSAsExpression > TSUnknownKeyword', message: 'No double assertion.' },
];
/** VS Code makes links, which may run commands, of what it is given to show. */
const shown = [
  { name: '/^show(Information|Warning|Error)Message$|^withProgress$/', by: 'host/notifications.ts escapes' },
  { name: '/^registerCommand$/', by: 'host/commands.ts escapes what commands throw' },
  { name: '/^createOutputChannel$/', by: 'host/log.ts escapes' },
].map(({ name, by }) => ({ selector: `CallExpression > MemberExpression[property.name=${name}]`, message: `Names are anybody's: ${by}.` }));

export default tseslint.config(
  { ignores: ['dist/', '.build/', '.tools/', '.artifacts/', 'node_modules/', 'test/fixtures/**', 'test/golden/**/*.json', 'src/core/kernels/assembly/'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines': ['error', { max: 300 }],
      'max-len': ['error', { code: 160, ignoreUrls: true, ignoreRegExpLiterals: true }],
      'eqeqeq': ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Hot loops run over ArrayLike, which for-of does not.
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      'no-restricted-syntax': ['error', ...unwanted],
    },
  },
  ...Object.keys(parts).map(partRule),
  ...Object.keys(rooms).flatMap((part) => Object.entries(rooms[part]).map(([room, allowed]) => roomRule(part, room, allowed))),
  {
    files: ['src/host/**/*.ts', 'src/extension.ts'],
    ignores: ['src/host/notifications.ts', 'src/host/commands.ts', 'src/host/log.ts'],
    rules: { 'no-restricted-syntax': ['error', ...unwanted, ...shown] },
  },
  { files: ['src/core/*.ts'], rules: { 'no-restricted-syntax': ['error', { selector: 'Program', message: 'Every file of core belongs to one of its folders.' }] } },
  { files: ['src/cli/main.ts', 'test/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['scripts/**/*.mjs', '*.mjs', 'test/**/*.mjs'],
    languageOptions: { ecmaVersion: 2023, sourceType: 'module' },
    rules: { 'max-lines': ['error', { max: 300 }], 'no-unused-vars': 'error', 'eqeqeq': 'error' },
  },
);
