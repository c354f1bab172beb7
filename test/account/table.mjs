/** docs/account.md, out of what was measured. */
import { lossReasons, openNotes } from './reasons.mjs';
import { factor, wanted } from './scale.mjs';

const [noSlower, ofPoor] = [1, 0.7];

const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const percent = (share) => `${Math.round(100 * share)} %`;
const steps = (ratio) => (ratio === null ? 'never' : `${ratio.toFixed(2)}×`);
const loss = (value) => (value === null ? '∞' : value.toPrecision(3));

export function accountOf({ scale, training, anyinit }) {
  const parts = [head, scale && scaleOf(scale), training && trainingOf(Object.values(training)), anyinit && anyinitOf(anyinit)];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

const head = `# Held to account

What *recommended* does to networks, measured. \`npm run account\` measures it anew and writes this page; no number in the
rules was chosen by it. What it showed to be wrong was mended where the cause is general, which is told below. Where it loses, the row says so.`;

function scaleOf({ width, batch, seeds, rows }) {
  const body = rows.map(({ activation, depth, chance, recommended, best }) => [
    activation, depth, percent(chance), `${percent(recommended.forward)}, ${percent(recommended.gradient)}`, percent(recommended.both),
    recommended.medians.map(factorText).join(', '), recommended.predicted.map(factorText).join(', '), best ? percent(best.both) : '', judged(chance, recommended, best),
  ]);
  const can = rows.filter(({ chance }) => chance >= wanted);
  const kept = can.filter(({ recommended }) => recommended.both >= wanted);
  return `## Scale

Stacks of ${width} units, ${seeds} draws, ${batch} samples, by our engine. Signal: second moments behind the activations; gradient: its variances before
them. Counted are draws in which the largest is at most ${factor} times the smallest over all layers. *Chance*: of infinite width, weights and biases on the
edge of chaos keep both whatever the depth (Schoenholz et al. 2017), so that what remains is how a draw of ${width} units wanders (Hanin & Rolnick 2018):
the chance that one sample's signal and gradient stay within the factor, at the start on that edge for which it is largest. *i.i.d. start*: where less than
${percent(wanted)} stay, what that start does in the same engine.

${kept.length} of the ${can.length} stacks that have a chance of ${percent(wanted)} keep it.

${table(['activation', 'depth', 'chance', 'signal, gradient', 'both', 'median factors', 'predicted', 'i.i.d. start', ''], body)}`;
}

const factorText = (value) => (value < 100 ? value.toFixed(1) : value.toExponential(0));

function judged(chance, recommended, best) {
  if (recommended.both >= wanted) return 'kept';
  if (best && best.both > recommended.both) return chance >= wanted ? '**lost**: another start would keep more' : 'less than another start';
  return chance >= wanted ? '**lost**' : 'no i.i.d. start can';
}

function trainingOf(families) {
  const outcomes = families.map((family) => ({ family, ...outcomeOf(family) }));
  const rows = outcomes.flatMap(({ family, verdict }) => {
    const line = (optimiser) => {
      const own = family.rows.filter((row) => row.optimiser === optimiser);
      const best = family.best.find((one) => one.optimiser === optimiser);
      return [
        ...own.map(({ ratio }) => steps(ratio)), `**${steps(best.ratio)}**`, own.map(({ end }) => end.map(loss).join(' → ')).join(', '),
        own.map(({ diverged }) => diverged.join('/')).join(', '),
      ];
    };
    return [
      [`${family.family}${family.poor ? ' †' : ''}`, 'SGD', ...line('SGD'), verdict],
      ['', 'Adam', ...line('Adam'), ''],
    ];
  });
  const count = (test) => outcomes.filter(test).length;
  const lengths = [...new Set(families.map(({ steps: length }) => length))].join(' or ');
  const seeds = [...new Set(families.map(({ rows: [{ ratios: drawn }] }) => drawn.length))].toSorted((a, b) => a - b).join(' or ');
  const ratios = families.flatMap(({ rows: own }) => own.map(({ ratio }) => ratio));
  const poor = outcomes.filter(({ family }) => family.poor);
  const lost = outcomes.filter(({ slower }) => slower.length > 0);
  return `## Training

${families.length} families, exported by PyTorch, reinitialised by \`initscope init --scheme recommended\`, read back by name and trained for ${lengths} steps,
beside PyTorch's default with the same ${seeds} seeds and batches. The number is a ratio: steps until *recommended* is where the default ends, over
those that the default takes (medians over the seeds; losses are means of 20 steps, and count as reached with 2 % of the way to go, for either).
Three rates each, in bold each start at its own best rate. *Ends*: the last loss, default → recommended. *Diverged*: seeds of the default / recommended
that end above ten times the first loss, or are not numbers. † The default is known to be poor: ${ofPoor}× is asked for there.

At its best rate *recommended* needs no more steps in ${count(({ slower }) => slower.length === 0)} of ${outcomes.length} families with both optimisers,
at most ${ofPoor}× in ${poor.filter(({ best }) => best.every((ratio) => ratio <= ofPoor)).length} of the ${poor.length} for which the default is poor, and
diverges where the default does not in ${count(({ diverges }) => diverges)}. Of all ${ratios.length} rates it needs no more steps at ${ratios.filter(isAsQuick).length}.

${table(['family', 'by', 'low rate', 'middle', 'high', 'best', 'ends', 'diverged', ''], rows)}

SGD (momentum 0.9) at ${ratesOf(families, 'SGD')}, Adam at ${ratesOf(families, 'Adam')}.${explained(lost)}`;
}

const isAsQuick = (ratio) => ratio !== null && ratio <= noSlower;

const ratesOf = ([family], kind) => family.rows.filter(({ optimiser }) => optimiser === kind).map(({ rate }) => rate).join(', ');

/** Judged at the best rates; that a single rate is slower is in the row. */
function outcomeOf({ rows, best, poor }) {
  const ratios = best.map(({ ratio }) => ratio ?? Infinity);
  const slower = best.filter(({ ratio }) => (ratio ?? Infinity) > noSlower).map(({ optimiser }) => optimiser);
  const diverges = rows.some(({ diverged: [before, after] }) => after > before);
  const verdict = [
    ...(slower.length > 0 ? [`**loses** by ${slower.join(' and ')}`] : []), ...(diverges ? ['**diverges**'] : []),
    ...(slower.length === 0 && poor && ratios.some((ratio) => ratio > ofPoor) ? [`misses ${ofPoor}×`] : []),
  ].join(', ');
  return { best: ratios, slower, diverges, verdict };
}

function explained(lost) {
  const lines = lost.map(({ family: { family } }) => `- **${family}**: ${lossReasons[family] ?? 'not explained yet.'}`);
  return [lines.length > 0 ? `\n\nWhere it loses:\n\n${lines.join('\n')}` : '', ...openNotes.map((note) => `\n\n${note}`)].join('');
}

function anyinitOf({ version, seeds, rows }) {
  const taken = rows.filter(({ refused }) => !refused);
  const pair = ([middle, largest]) => `${middle.toFixed(2)}, ${largest.toFixed(2)}`;
  const body = rows.map(({ family, layers, theirs, ours, refused }) => (
    refused ? [family, '', 'refused', refused] : [family, layers, pair(theirs), pair(ours)]));
  const asClose = (i) => taken.filter(({ theirs, ours }) => ours[i] <= theirs[i] * 1.05).length;
  return `## Beside AnyInit

AnyInit ${version} (PyPI) draws each network, predicts E x² behind every layer and measures it; the same weights then go through \`initscope simulate\`, which
predicts and measures, too. Shown is the factor between predicted and measured, its median and its largest over layers and ${seeds} draws; one draw of narrow
layers differs from any prediction, by some 1.2×. Ours are as close, or within 5 % of it, in ${asClose(0)} of ${taken.length} networks by the median and in
${asClose(1)} by the largest. The largest of ours are heads behind a mean over places (ViT, ResNet without norms): theory takes these for independent.

${table(['network', 'layers', 'AnyInit', 'Initscope'], body)}`;
}
