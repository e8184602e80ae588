/** A disk that becomes full under a server at work: said plainly, nothing lost that was answered, and no restart needed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { createStrongroom, StrongroomProblem, type Strongroom } from '@strongroom/sdk';

import { clientsFor, freePort, postgresOf, startServer, until, well } from './running-server.ts';
import { assertContiguous, assertLogVerifies, assertRecordsVerify, behind, valuesOf } from './soundness.ts';

/** A new cluster wants 200 MB, and a copy of the programs of PostgreSQL may come to it. */
const DISK_MIB = 420;

/** @returns null where none can be mounted */
function smallDisk(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'sr-small-disk-'));
  const options = ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m,mode=711`, 'tmpfs', folder];
  if (process.getuid?.() === 0 && spawnSync('mount', options).status === 0) return folder;
  rmdirSync(folder);
  return null;
}

const disk = smallDisk();
after(() => {
  if (disk === null) return;
  spawnSync('umount', ['-l', disk]);
  rmdirSync(disk);
});

/** To the last byte. */
async function fill(path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (let pieceBytes = 2 ** 23; pieceBytes >= 512;) {
      const written = await file.write(Buffer.alloc(pieceBytes)).catch((thrown: NodeJS.ErrnoException) => {
        if (thrown.code !== 'ENOSPC') throw thrown;
        return { bytesWritten: 0 };
      });
      if (written.bytesWritten < pieceBytes) pieceBytes /= 2;
    }
  } finally {
    await file.close();
  }
}

type Writers = Readonly<{
  /** id → name, of what was answered */
  answered: Map<string, string>;
  refused: StrongroomProblem[];
  stop: () => Promise<void>;
}>;

function startWriters(room: Strongroom): Writers {
  const answered = new Map<string, string>();
  const refused: StrongroomProblem[] = [];
  const state = { stopped: false };
  const write = async (writer: number): Promise<void> => {
    for (let n = 0; !state.stopped; n += 1) {
      const name = `Writer ${writer} number ${n}`;
      try {
        const { id } = await room.records.create({ collection: 'customer', fields: { last_name: name } });
        answered.set(id, name);
      } catch (thrown) {
        if (!(thrown instanceof StrongroomProblem)) throw thrown;
        refused.push(thrown);
        await sleep(20);
      }
    }
  };
  const loops = Promise.all([1, 2, 3].map(write));
  return {
    answered,
    refused,
    stop: async () => {
      state.stopped = true;
      await loops;
    },
  };
}

const skip = disk === null ? 'no small disk can be mounted here (it takes root)' : false;
test(
  'a full disk refuses writes by name, status is still read, and with room again the server goes on',
  { skip },
  async (t) => {
    const home = join(disk as string, 'home');
    const ballast = join(disk as string, 'ballast');
    const server = await startServer({ home, port: await freePort() });
    t.after(() => server.kill('SIGKILL'));
    const admin = createStrongroom({ url: server.url, key: await server.admin(), retries: 0 });
    const { once } = await clientsFor(server, 'application');
    const writers = startWriters(once);
    t.after(writers.stop);
    const refusals = (more: number): Promise<void> => {
      const enough = writers.refused.length + more;
      return until('writes are refused', () => writers.refused.length >= enough);
    };
    const recovered = async (): Promise<void> => {
      const before = writers.answered.size;
      await until('writes are answered again', () => writers.answered.size > before + 20);
    };
    await recovered();

    await fill(ballast);
    await refusals(20);
    // what only reads, and needs no entry in the log; one that was refused (seen once, by this name) is asked again
    await until('status is read', () =>
      admin.status.get().then(
        () => true,
        (thrown: unknown) => {
          assert.equal((thrown as { code?: unknown }).code, 'HTTP_DISK_FULL');
          return false;
        },
      ),
    );
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
    await assert.rejects(once.records.get([...writers.answered.keys()][0] as string), { code: 'HTTP_DISK_FULL' });
    await rm(ballast);
    await recovered();

    // PostgreSQL ends while there is no room: whether it can be started or not, who writes hears why
    await fill(ballast);
    await refusals(5);
    for (const pid of await postgresOf(home)) process.kill(pid, 'SIGKILL');
    await until('it ended', () => server.err().includes('exited'));
    await refusals(5);
    const whileFull = writers.refused.length;
    await rm(ballast);
    await recovered();
    await writers.stop();

    for (const { code, status, hint } of writers.refused.slice(0, whileFull))
      assert.deepEqual(
        [code, status, /make room/.test(hint)],
        ['HTTP_DISK_FULL', 507, true],
        `${code} ${status} ${hint}`,
      );
    // with room again, PostgreSQL is still on its way up
    for (const { status } of writers.refused.slice(whileFull))
      assert.ok(status === 507 || status === 503, String(status));
    assert.equal(server.child.exitCode, null);
    assert.match(server.err(), /the disk of STRONGROOM_HOME is full/);
    assert.match(server.err(), /the disk has room again/);
    await well(server);
    const ids = [...writers.answered.keys()];
    for (let at = 0; at < ids.length; at += 500) {
      const { records } = await once.records.read(ids.slice(at, at + 500));
      for (const record of records) assert.equal(valuesOf(record).last_name, writers.answered.get(record.id));
      assert.equal(records.length, ids.slice(at, at + 500).length);
    }
    await behind(home, assertContiguous);
    const { once: engineer } = await clientsFor(server, 'engineer');
    await assertRecordsVerify(engineer);
    await assertLogVerifies(server);
    await server.kill('SIGTERM');
  },
);
