/** What a request costs on this machine, measured in one run: processor time of the server and of PostgreSQL, bytes kept. */
import { loadavg } from 'node:os';

import { recordIdText } from '#platform/ids';

import { load, type Request } from '../load/load.ts';
import { thisMachine, type Machine } from '../machine.ts';
import { someRecords } from '../vault/records.ts';
import { person } from '../world/people.ts';
import { cpuSeconds, familyCpuSeconds, residentMib } from '../world/server.ts';
import { openWorld, type World } from '../world/world.ts';

/** In milliseconds of one core, for one. */
export type Cost = Readonly<{ serverMs: number; databaseMs: number; walBytes: number }>;
export type Kind = 'read' | 'search' | 'batch' | 'write';
export type Costs = Readonly<{
  measuredAt: string;
  machine: Machine;
  /** Programs that wanted a core meanwhile, this one's own too: of more than there are cores, all were slower. */
  waiting: number;
  subjects: number;
  cost: Readonly<Record<Kind, Cost>>;
  /** Reads a second over all connections, with both and the load on these cores: what the model is held against. */
  readsPerSecond: number;
  connections: number;
  /** What a server and its database do when nobody asks, in cores. */
  idle: Readonly<{ server: number; database: number }>;
  bytes: Readonly<{ subject: number; logEntry: number }>;
  serverMib: number;
}>;

export type CostsNeeds = Readonly<{
  people: number;
  seconds: number;
  connections: number;
  progress: (words: string) => void;
}>;

/** Customers of one batch of reads, counted as one request. */
export const BATCH = 100;

export async function measureCosts({ people, seconds, connections, progress }: CostsNeeds): Promise<Costs> {
  const world = await openWorld({ progress, serverFlags: [] });
  try {
    const empty = await bytesOf(world);
    await world.haveBoth(people);
    const full = await bytesOf(world);
    const ids = (await someRecords(world.db, Math.min(people, 10_000))).map(recordIdText);
    progress('resting, to see what goes on by itself');
    const rest = await spent(world, async () => {
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      return seconds;
    });
    const headers = { authorization: `Bearer ${world.key}`, 'strongroom-purpose': 'service.support' };
    const requests: Record<Kind, Request[]> = {
      write: Array.from({ length: 5000 }, (_, n) => ({ method: 'POST', path: '/v1/vault/records', headers, body: { collection: 'customer', fields: fieldsOf(people + n) } })),
      read: ids.map((id) => ({ method: 'GET', path: `/v1/vault/records/${id}`, headers })),
      search: ids.map((_, n) => ({ method: 'POST', path: '/v1/vault/records/search', headers, body: { collection: 'customer', where: { email: person(n).email }, fields: ['last_name'] } })),
      batch: Array.from({ length: 50 }, (_, n) => ({ method: 'POST', path: '/v1/vault/records/read', headers, body: { ids: ids.slice((n * BATCH) % (ids.length - BATCH)).slice(0, BATCH), fields: ['last_name', 'email'] } })),
    };
    const measured: Partial<Record<Kind, Cost>> = {};
    let readsPerSecond = 0;
    for (const kind of ['read', 'search', 'batch', 'write'] as const) {
      progress(`${kind}, ${connections} connections`);
      const run = () => load({ url: world.server.url, requests: requests[kind], connections, seconds });
      // once for what is compiled and kept
      await run();
      let rate = 0;
      const used = await spent(world, async () => {
        const answer = await run();
        rate = answer.answered / answer.seconds;
        return answer.answered;
      });
      if (kind === 'read') readsPerSecond = rate;
      measured[kind] = asCost(used, rest);
    }
    return {
      measuredAt: new Date().toISOString(),
      machine: thisMachine(world.postgresql),
      waiting: loadavg()[0] as number,
      subjects: people,
      cost: measured as Record<Kind, Cost>,
      readsPerSecond,
      connections,
      idle: { server: rest.server / rest.seconds, database: rest.database / rest.seconds },
      bytes: { subject: (full.vault - empty.vault) / people, logEntry: await logBytesOfReads(world, requests.read) },
      serverMib: await residentMib(world.server.pid),
    };
  } finally {
    await world.close();
  }
} // prettier-ignore

/** Without their number, which is its owner's already. */
const fieldsOf = (n: number): Record<string, string | boolean> => {
  const { customer_id: _, active, ...fields } = person(n);
  return { ...fields, active: active === 'true' };
};

type Spent = Readonly<{ server: number; database: number; wal: number; seconds: number; operations: number }>;

async function spent(world: World, work: () => Promise<number>): Promise<Spent> {
  const look = async () => ({
    server: await cpuSeconds(world.server.pid),
    database: await familyCpuSeconds(world.postgresPid),
    wal: Number((await world.db<{ at: string }[]>`select pg_current_wal_insert_lsn() - '0/0'::pg_lsn as at`)[0]?.at),
    at: performance.now(),
  });
  const before = await look();
  const operations = await work();
  const after = await look();
  return { server: after.server - before.server, database: after.database - before.database, wal: after.wal - before.wal, seconds: (after.at - before.at) / 1000, operations }; // prettier-ignore
}

/** @param rest what goes on anyway, which is not of the requests */
function asCost({ server, database, wal, seconds, operations }: Spent, rest: Spent): Cost {
  const anyway = (of: 'server' | 'database' | 'wal'): number => (rest[of] / rest.seconds) * seconds;
  const each = (used: number): number => Math.max(0, used) / operations;
  return { serverMs: each(server - anyway('server')) * 1000, databaseMs: each(database - anyway('database')) * 1000, walBytes: each(wal - anyway('wal')) }; // prettier-ignore
}

async function bytesOf({ db }: World): Promise<{ vault: number; log: number; entries: number }> {
  const [row] = await db<{ vault: string; log: string; entries: string }[]>`
    select (select sum(pg_total_relation_size(c.oid)) from pg_class c where c.relkind = 'r' and c.relnamespace = 'vault'::regnamespace) as vault,
      (select sum(pg_total_relation_size(c.oid)) from pg_class c where c.relkind = 'r' and c.relnamespace = 'audit'::regnamespace) as log,
      (select size from audit.head) as entries`;
  return { vault: Number(row?.vault), log: Number(row?.log), entries: Number(row?.entries) };
}

/** Of entries that single reads wrote: those of an import hold a thousand each. */
async function logBytesOfReads(world: World, requests: readonly Request[]): Promise<number> {
  const before = await bytesOf(world);
  await load({ url: world.server.url, requests, connections: 16, seconds: 3 });
  // into the tree
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const after = await bytesOf(world);
  return (after.log - before.log) / Math.max(1, after.entries - before.entries);
}
