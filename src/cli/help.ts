import { schemeIds } from '../protocol/schemes';
import { builtInData, optimizerKinds, trainingLosses } from '../protocol/training';

export const commandNames = ['inspect', 'init', 'simulate', 'check', 'diff', 'train', 'pretrain'] as const;
export type CommandName = (typeof commandNames)[number];

const widest = 100;

/** Names in lines of no more than that many characters. */
function listed(names: readonly string[]): string {
  const lines = [''];
  for (const name of names) {
    const line = `${lines.at(-1) ?? ''} ${name}`;
    if (line.length > widest) lines.push(` ${name}`);
    else lines[lines.length - 1] = line;
  }
  return lines.map((line) => ` ${line}`).join('\n');
}

const schemes = `Schemes:
${listed(schemeIds)}`;

const everywhere = `  --help           says this
Colours follow NO_COLOR and FORCE_COLOR, and are there on a terminal only.`;

const purposes: Readonly<Record<CommandName, string>> = {
  inspect: 'the layers, their fans, their weights, and what each should start from',
  init: 'draws new weights and writes them, leaving every other byte as it is',
  simulate: 'a forward and a backward pass, and the variance of activations and gradients layer by layer',
  check: 'whether the network can learn from where its weights start, in a line and a code, for pipelines',
  diff: 'what differs between two models: layers, weights, how they were drawn, and whether they can learn',
  train: 'the first steps of training from each scheme and seed, and which of them learns first',
  pretrain: 'restricted Boltzmann machines, layer by layer, and what they learn as the weights to start from',
};

/** What `initscope --help` says. */
export const usage = `Usage: initscope COMMAND MODEL [options]

${commandNames.map((name) => `  ${name.padEnd(9)} ${purposes[name]}`).join('\n')}

  initscope COMMAND --help   says what a command takes
  initscope --version        says which version this is

The commands end with code 0; with 1 where something failed, with 2 where they were called wrongly; check with 3 where
the network cannot learn from here, and diff with 3 where the models differ.`;

const details: Readonly<Record<CommandName, string>> = {
  inspect: `Usage: initscope inspect MODEL [--json | --csv | --markdown]

${sentence('inspect')}

  --json           the report as JSON (docs/output.schema.json describes it)
  --csv            one row per weight, every column
  --markdown       a table to read, and what was found
${everywhere}

The first column of the table judges each layer: ok, info, warning, error; "left" is left alone; "–" could not be measured. "is/should" is the
present spread over the recommended one.`,
  init: `Usage: initscope init MODEL (--output FILE [--force] | --in-place | --dry-run) [options]

${sentence('init')}

  --scheme S       how to draw; recommended, layer by layer, where nothing else is said
  --layer GLOB=S   another scheme for the layers of such names; may be given several times, the last that matches counts
  --seed N         the same seed gives the same weights everywhere; 0 where nothing else is said
  --output FILE    writes there; --force replaces a file that is there
  --in-place       changes the model itself
  --dry-run        writes nothing
  --no-run         does not run the network, which is done to make right what would miss, and to compare it with what is there
  --input FILE, --batch N, --dim NAME=N    what it is run with, as simulate has them
  --no-record      does not record in the file how its weights were drawn
  --keep-structure tensors that an exporter merged stay merged, with the value that harms none of their uses, rather than be split
  --json           what became of every tensor, as JSON (docs/output.schema.json describes it)
Parameters of schemes, for those that take them:
  --mode fan_in|fan_out|fan_avg        --direction forward|backward|between
  --distribution normal|uniform|truncated-normal
  --gain G  --std S  --mean M  --truncation T  --low L  --high H  --value V  --sparsity P  --omega W  --base N
${everywhere}

${schemes}`,
  simulate: `Usage: initscope simulate MODEL [options]

${sentence('simulate')}

  --scheme S       may be given several times, with parameters as in he-normal:mode=fan_out,gain=2; current, the weights as they are,
                   where nothing else is said
  --seeds K        runs of each scheme, with the seeds N, N + 1, …; 1
  --seed N         0
  --batch N        samples; left to the model where nothing is said
  --dim NAME=N     size of a symbolic dimension; may be given several times
  --data FILE      samples for the inputs, other ones for each seed: an .npz, a .csv, or a folder with a folder of images for each label, as train
                   takes them; a loss compares with their labels
  --input FILE     arrays for the inputs, all of them at once; the others are made up
  --input-mean M   of the floats that are made up; 0
  --input-variance V   1
  --loss noise|cross-entropy|mse       what the backward pass starts from; noise
  --target FILE    what the loss compares with
  --cotangent FILE the gradient at the outputs
  --batch-norm training|inference      training
  --dropout        drops, by masks of the seed
  --gain F         makes kernels F times as wide, LAYER=F those of one layer; of the first scheme
  --deepen K       runs K more of the block that the network repeats, drawn anew by each scheme, to see what depth does
  --weights FILE   an .npz with weights to run with
  --values OUT.npz writes every activation and gradient of one run; --force replaces a file that is there
  --joins          measures channels where residual branches are added, too: of the sums, and of what the branches say
  --threads N      of the runtime
  --json           every run, as JSON (docs/output.schema.json describes it)
A FILE of arrays is an .npz, an .npy, or an ONNX .pb.
${everywhere}

${schemes}
  current`,
  check: `Usage: initscope check MODEL [options]

${sentence('check')}

  --run            runs the network; where that is not asked for, theory says what its weights would do
  --loss noise|cross-entropy|mse       what the backward pass of the run starts from; noise
  --max-loss X     runs it, and fails where the loss at the start is higher; of cross-entropy where no other is named
  --seeds K        runs, of whose losses the mean counts; 1
  --strict         fails for a warning, too
  --json           the answer as JSON (docs/output.schema.json describes it)
${everywhere}

Ends with code 0 where the network may learn from here, with 3 where it cannot, and says why. Trained weights pass.`,
  diff: `Usage: initscope diff LEFT RIGHT [--json]

${sentence('diff')}

  --json           every layer, as JSON (docs/output.schema.json describes it)
${everywhere}

The files may be of two formats. Layers are found again by their names, and where these are others, by what they compute with. Values are the same where
their elements are; of a kernel that two formats store in another order, where its statistics are.
Ends with code 0 where the networks and their values are the same, with 3 where they differ. Another name, format or producer alone is no difference.`,
  train: `Usage: initscope train MODEL [options]

${sentence('train')}

  --data D         ${builtInData.join(', ')},
                   or a file: an .npz with arrays called as inputs and outputs (or x and y), a .csv with the label in the last column or one
                   called label, or a folder with a folder of .png or .jpg for each label; what fits the inputs where nothing is said.
                   An autoencoder learns its inputs, and needs no label
  --scheme S       may be given several times, with parameters as in normal:std=0.02; current and recommended where nothing else is said
  --seeds K        runs of each scheme, with the seeds N, N + 1, …; 3
  --seed N         0
  --steps N        200
  --optimizer O    ${optimizerKinds.join(', ')}; adam
  --lr R|find      learning rate; found for each scheme by a range test where nothing else is said
  --batch N        samples per step; 32, or what the model is exported for
  --dim NAME=N     size of a symbolic dimension; may be given several times
  --loss L         ${trainingLosses.join(', ')}; by the output layer where nothing is said
  --samples N      of data that are made up; 1024
  --snapshots N    steps at which the layers are looked at; 12
  --dropout        drops, by masks of the seed
  --weights FILE   an .npz with weights in place of those of current
  --keep FOLDER    keeps the weights of every run there, as .npz
  --threads N      of the runtime
  --json           curves, layers and verdict, as JSON (docs/output.schema.json describes it)
Ctrl+C ends it with what has been learned so far.
${everywhere}

${schemes}
  current`,
  pretrain: `Usage: initscope pretrain MODEL --data DATA --output FILE [options]

${sentence('pretrain')}

  --data DATA      digits, bars-and-stripes, or a FILE: an .npz, .npy, .pb or .csv with a sample per row; labels are not needed
  --samples N      of digits; 2000
  --output FILE    writes there; --force replaces a file that is there
  --layers GLOB    dense layers of such names; all that follow on one another from the input but the last, where nothing else is said
  --cd K           Gibbs steps of an update, contrastive divergence; 1
  --persistent     chains go on from one update to the next
  --epochs N       for each layer; as many as make a thousand updates, 20 to 200, where nothing else is said
  --lr R           learning rate; 0.1, and 0.01 of Gaussian visible units
  --schedule linear|constant           falls to nothing over the epochs, or stays; linear
  --batch N        samples of an update, at most; a twentieth of them, 10 to 50
  --momentum M     behind the first epochs, which have 0.5; 0.9
  --decay L        of weights; 0.0002
  --sparsity T     share of the samples for which a hidden unit is to be on
  --visible bernoulli|gaussian         what the inputs are: on or off, or real numbers; bernoulli
  --start guide|xavier|zeros           where weights start: by N(0, 0.01²) and base rates (Hinton 2010), or elsewhere; guide
  --seed N         the same seed gives the same weights; 0
  --threads N      of the runtime
  --no-record      does not record in the file where its weights come from
  --json           the curves of every layer, as JSON (docs/output.schema.json describes it)
${everywhere}

Interrupted (Ctrl+C) it writes what has been learned so far.`,
};

function sentence(name: CommandName): string {
  const purpose = purposes[name];
  return `${purpose.charAt(0).toUpperCase()}${purpose.slice(1)}.`;
}

export function isCommandName(name: string | undefined): name is CommandName {
  return commandNames.some((known) => known === name);
}

/** What `initscope COMMAND --help` says. */
export function helpOn(name: CommandName): string {
  return details[name];
}
