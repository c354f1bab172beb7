import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { EngineClient } from '../../../src/engine/client';
import { CancellationSource } from '../../../src/protocol/rpc';
import { defaultOptions } from '../../../src/protocol/simulation';
import { defaultTraining } from '../../../src/protocol/training';
import { present } from '../support/graphs';
import { root } from '../support/models';
import { createFolder, createWriter } from '../support/temporary';

const write = createWriter(createFolder());
const request = { path: 'model.onnx', recipes: [], restored: [], files: {}, options: defaultOptions };
const clients: EngineClient[] = [];
afterAll(() => { for (const client of clients) client.dispose(); });

/** A client of an engine process that does this when it is asked for something. */
function clientOf(answer: string): EngineClient {
  const client = new EngineClient(write(`engine${clients.length}.cjs`, `process.on('message', (message) => { ${answer} });`), () => undefined);
  clients.push(client);
  return client;
}

const simulate = (client: EngineClient, cancellation = new CancellationSource()): Promise<unknown> => client.simulate(request, {}, cancellation);

describe('an engine process', () => {
  it('that ends unasked is explained, with its last words in the detail', async () => {
    const client = clientOf("process.stderr.write('the last words', () => process.exit(7));");
    await expect(simulate(client)).rejects.toMatchObject({ code: 'engine-crashed', message: expect.stringContaining('exit code 7') as string });
  });
  it('is told to send no telemetry before it begins', async () => {
    const client = clientOf("process.send({ kind: 'result', id: message.id, value: process.env.ORT_DISABLE_TELEMETRY });");
    await expect(simulate(client)).resolves.toBe('1');
  });
  it('that keeps ending is not started again and again', async () => {
    const client = clientOf('process.exit(1);');
    for (let i = 0; i < 3; i++) await expect(simulate(client)).rejects.toThrow(/ended unexpectedly \(exit code 1\)/);
    await expect(simulate(client)).rejects.toThrow(/ended unexpectedly 3 times in a row, so it is not started again for \d+ s/);
    expect(client.processId).toBeUndefined();
  });
  it('that answers in between has not kept ending', async () => {
    // Every other process ends.
    const flag = write('flag', '');
    const client = clientOf(`const fs = require('fs'); const flag = ${JSON.stringify(flag)}; const text = fs.readFileSync(flag, 'utf8');
      fs.writeFileSync(flag, text + '.'); if (text.length % 2 === 0) process.exit(1); process.send({ kind: 'result', id: message.id, value: text.length });`);
    for (let i = 0; i < 4; i++) {
      await expect(simulate(client)).rejects.toThrow(/exit code 1/);
      await expect(simulate(client)).resolves.toBe(2 * i + 1);
    }
  });
  it.skipIf(process.platform === 'win32')('of ours goes on where a terminal interrupts it', async () => {
    const client = new EngineClient(path.join(root, 'dist/engine.js'), () => undefined);
    clients.push(client);
    await client.probeRuntime();
    const id = present(client.processId);
    process.kill(id, 'SIGINT');
    await client.probeRuntime();
    expect(client.processId).toBe(id);
  });
  it('that does not stop when it is told to is ended', async () => {
    const source = new CancellationSource();
    const client = clientOf('for (;;) {}');
    const running = simulate(client, source);
    const whatBecame = expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(() => client.processId).toBeDefined();
    source.cancel();
    await whatBecame;
    expect(client.processId).toBeUndefined();
  });
  it('does one thing at a time, and what waits is told for what, and cancelled at once', async () => {
    // What is simulated is answered only when something else is said.
    const client = clientOf(`if (message.method === 'simulate') globalThis.first = message.id;
      else for (const id of [globalThis.first, message.id]) process.send({ kind: 'result', id, value: 1 });`);
    const heard: string[] = [];
    const turn = { waits: (behind: string) => heard.push(`waits for ${behind}`), begins: () => heard.push('begins') };
    const [first, source] = [simulate(client), new CancellationSource()];
    const training = { path: 'other.onnx', recipes: [], restored: [], keep: null, options: defaultTraining };
    const waiting = client.train(training, turn, source);
    expect(heard).toEqual(['waits for model.onnx']);
    source.cancel();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    const third = client.train(training, turn, new CancellationSource());
    await expect.poll(() => client.processId).toBeDefined();
    await client.steer('stop');
    await Promise.all([first, third]);
    expect(heard).toEqual(['waits for model.onnx', 'waits for model.onnx', 'begins']);
  });
});
