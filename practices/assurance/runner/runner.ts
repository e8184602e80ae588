/** The runner: a process of its own, with nothing but what it is told over its pipe. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

import { testsOf } from '../families/index.ts';
import { deskOver } from '../kit/desk.ts';
import { signedText, type FromRunner, type Order, type ToRunner } from './protocol.ts';
import { runTests, type TestResult } from './run-tests.ts';

/** Within this a test that is under way closes what it opened, when nobody wants to hear of it any more. */
const LEAVE_MS = 5000;

/**
 * @param leave ends the process: nobody is there any more, and a test that hangs would go on attacking for its whole budget
 * @returns when all is said
 */
export async function runner(
  input: Readable,
  output: Writable,
  version: string,
  clock: () => Date,
  leave: () => void,
  leaveMs = LEAVE_MS,
): Promise<void> {
  const lines = createInterface({ input })[Symbol.asyncIterator]();
  const say = (line: FromRunner): void => void output.write(`${JSON.stringify(line)}\n`);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  say({ key: publicKey.export({ format: 'der', type: 'spki' }).toString('base64') });

  const first = await lines.next();
  if (first.done === true) return;
  const { world } = JSON.parse(first.value) as Order;
  const waiting = new Map<number, (reply: Exclude<ToRunner, { stop: true }>) => void>();
  let stopped = false;
  let asked = 0;
  const gone = (): void => {
    stopped = true;
    // keeps nothing alive that would end by itself
    setTimeout(leave, leaveMs).unref();
  };
  void (async () => {
    for (;;) {
      const { value, done } = await lines.next();
      // a server that is gone wants nothing more
      if (done === true) break;
      const told = JSON.parse(value) as ToRunner;
      if ('stop' in told) stopped = true;
      else waiting.get(told.reply)?.(told);
    }
    gone();
  })().catch(gone);
  const desk = deskOver(
    (name, args) =>
      new Promise((resolve, reject) => {
        const id = (asked += 1);
        waiting.set(id, (reply) => {
          waiting.delete(id);
          if ('failed' in reply) reject(new Error(`the desk could not ${name}: ${reply.failed}`));
          else resolve(reply.value);
        });
        say({ ask: id, name, args });
      }),
  );

  const results: TestResult[] = [];
  await runTests({
    world, desk, tests: testsOf(world.tests), version, clock,
    isStopped: () => stopped,
    onBegin: (begun) => say({ begun }),
    onResult: (result) => {
      results.push(result);
      say({ result });
    },
  }); // prettier-ignore
  const signature = sign(null, Buffer.from(signedText(world.run, results)), privateKey).toString('base64');
  say({ done: true, signature });
  input.destroy();
}
