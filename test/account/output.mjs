import { start, Failure } from '../../scripts/processes.mjs';

/** What a program prints; a failure of it is a failure of the caller. */
export async function outputOf([program, ...args], options = {}) {
  const child = start(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const texts = [child.stdout, child.stderr].map(async (stream) => (await stream.setEncoding('utf8').toArray()).join(''));
  const ended = new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  const [said, complained, code] = await Promise.all([...texts, ended]);
  if (code !== 0) throw new Failure(`\`${[program, ...args].join(' ')}\` ended with code ${code}.\n${complained.slice(-2000)}`);
  return said;
}
