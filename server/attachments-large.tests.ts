/** A server of its own: how much memory a large file takes, and one that is killed in the middle. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { childEnvironment } from '#platform/config';

import type { Running } from './attachments.test.ts';

const residentMib = async ({ pid }: ChildProcess): Promise<number> =>
  Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

export function largeOnesFit(of: () => Running): void {
  /** A server process of its own on the same database and home. */
  async function startServer(): Promise<{ child: ChildProcess; at: string }> {
    const { home, fresh } = of();
    const environment = {
      STRONGROOM_HOME: home,
      DATABASE_URL: fresh.url,
      STRONGROOM_PORT: '0',
      STRONGROOM_ATTACHMENT_MIB: '128',
    };
    const child = spawn(process.execPath, ['server/main.ts', 'serve'], { cwd: new URL('..', import.meta.url), env: childEnvironment(environment), stdio: ['ignore', 'ignore', 'pipe'] }); // prettier-ignore
    let said = '';
    const at = await new Promise<string>((resolve, reject) => {
      child.stderr?.on('data', (text: Buffer) => {
        said += text.toString();
        const open = /"url":"(http:[^"]+)"/.exec(said);
        if (open !== null) resolve(open[1] as string);
      });
      child.once('exit', () => reject(new Error(said)));
    });
    return { child, at };
  }

  test('64 MiB in and out, and in again: a server of its own grows by a fraction of it', { skip: process.platform !== 'linux' }, async () => {
    const { newRecord, MIB, headersFor, app } = of();
    const { files } = await newRecord();
    const { child, at } = await startServer();
    try {
      const content = randomBytes(64 * MIB);
      const send = async (name: string, body: Buffer) => {
        const headers = headersFor(app, { 'strongroom-name': name });
        assert.equal((await fetch(`${at}${files}/named`, { method: 'PUT', headers, body })).status, 201);
      };
      const fetchAll = async (name: string) => {
        const hash = createHash('sha256');
        let seen = 0;
        const response = await fetch(`${at}${files}/named`, { headers: headersFor(app, { 'strongroom-name': name }) });
        for await (const part of response.body as ReadableStream<Uint8Array>) {
          hash.update(part);
          seen += part.length;
          // a slow receiver: what it does not take must wait in the database
          if (seen % (4 * MIB) < part.length) await new Promise((resolve) => setTimeout(resolve, 20));
        }
        return hash.digest('hex');
      };
      // the heap takes its working size first: what is measured is what a file adds to it
      await send('warm', content.subarray(0, 32 * MIB));
      await fetchAll('warm');
      const before = await residentMib(child);
      let most = before;
      const watch = setInterval(() => void residentMib(child).then((now) => (most = Math.max(most, now)), () => undefined), 25);

      await send('one', content);
      const digest = await fetchAll('one');
      await send('two', content);
      clearInterval(watch);

      assert.equal(digest, createHash('sha256').update(content).digest('hex'));
      assert.ok(most - before < 64, `grew from ${before.toFixed(0)} to ${most.toFixed(0)} MiB`);
    } finally {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  }); // prettier-ignore

  test('a server killed in the middle of an upload: the old file is there, the rest is swept by another', async () => {
    const { newRecord, put, beginUpload, MIB, eventually, stored, get, json, app, fresh, system } = of();
    const { files, subjectId } = await newRecord();
    await put(files, 'a', 'the old one');
    const { child, at } = await startServer();
    const sending = beginUpload(files, 'a', 50 * MIB, randomBytes(20 * MIB), at);
    await eventually(async () => (await stored(subjectId)).chunks > 100);

    child.kill('SIGKILL');
    await once(child, 'exit');
    sending.destroy();

    assert.equal(await (await get(files, 'a')).text(), 'the old one');
    assert.equal(((await json('GET', files, app)).body.attachments as unknown[]).length, 1);
    // the last chunk of the killed one may still be on its way into the table
    await eventually(async () => {
      await fresh.db`update vault.loose_attachments set touched_at = touched_at - interval '61 minutes'`;
      await system.vault.sweep();
      const { chunks, loose } = await stored(subjectId);
      return chunks === 1 && loose === 0;
    });
    assert.equal((await put(files, 'a', 'the new one')).status, 200);
  });
}
