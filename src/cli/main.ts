import { Failure } from '../protocol/failure';
import { plainLines } from '../protocol/plainText';
import { schemeIds } from '../protocol/schemes';
import { init } from './init';
import { inspect } from './inspect';
import { line } from './output';
import { simulate } from './simulate';

const widest = 100;

/** Names in lines of no more than that many characters. */
function listed(names: readonly string[]): string {
  const lines = [''];
  for (const name of names) {
    const longer = `${lines.at(-1) ?? ''} ${name}`;
    if (longer.length > widest) lines.push(` ${name}`);
    else lines[lines.length - 1] = longer;
  }
  return lines.map((each) => ` ${each}`).join('\n');
}

const usage = `Usage: initscope COMMAND MODEL.onnx [options]

  inspect  MODEL [--json | --csv | --markdown]
           the layers, their fans, their weights, and what each should start from
  init     MODEL [--scheme S] [--seed N] [--layer 'GLOB=SCHEME']… (--output FILE | --in-place)
           [--dry-run] [--no-record] [--keep-structure] [--json], and what the scheme takes of
           [--mode fan_in|fan_out|fan_avg] [--direction forward|backward|between] [--gain G]
           [--distribution normal|uniform|truncated-normal] [--std S] [--mean M] [--truncation T]
           [--low L] [--high H] [--value V]
           draws new weights and writes them, leaving every other byte as it is
  simulate MODEL [--scheme S]… [--seeds K] [--seed N] [--batch N] [--dim NAME=N]… [--input FILE]
           [--input-mean M] [--input-variance V] [--loss noise|cross-entropy|mse] [--target FILE] [--cotangent FILE]
           [--batch-norm training|inference] [--dropout]
           [--weights FILE.npz] [--values OUT.npz] [--threads N] [--json]
           a forward and a backward pass, and the variance of activations and gradients layer by layer;
           a FILE of arrays is an .npz, an .npy, or an ONNX .pb

Schemes:
${listed(schemeIds)}
simulate also knows current, the weights as they are.`;

const commands: ReadonlyMap<string, (given: readonly string[]) => string | Promise<string>> = new Map(Object.entries({ inspect, init, simulate }));

async function main(given: readonly string[]): Promise<void> {
  const [name = '', ...rest] = given;
  if (name === '--help' || name === '-h' || name === 'help' || rest.includes('--help')) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  try {
    const command = commands.get(name);
    if (!command) throw new Failure('wrong-usage', name === '' ? 'Name a command.' : `There is no command "${name}".`);
    // Names come from the model: none does more to a terminal than to be read.
    process.stdout.write(`${plainLines(await command(rest))}\n`);
  } catch (error) {
    // What the engine process throws arrives as a plain error with the same code.
    const isUsage = error instanceof Error && 'code' in error && error.code === 'wrong-usage';
    process.stderr.write(`initscope: ${line(error instanceof Error ? error.message : String(error))}\n`);
    if (isUsage) process.stderr.write('Run "initscope --help" for the commands and their options.\n');
    process.exitCode = isUsage ? 2 : 1;
  }
}

// Whoever reads the output may stop before its end (a pager, head).
process.stdout.on('error', () => process.exit(0));
void main(process.argv.slice(2));
