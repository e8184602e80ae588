import { mkdtemp, readFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { openDb, startEmbedded } from '#platform/db';
import { newRecordNo, newSubjectId, uuidBytes } from '#platform/ids';
import { familyCpuSeconds } from './world/server.ts';
const pg = await startEmbedded({ home: await mkdtemp('/tmp/sr-pgtry-') });
const db = openDb(pg.address, { connections: 4 });
const ddl = await readFile('practices/vault/sql/0001-vault.sql', 'utf8');
await db.unsafe(ddl);
const hex = (b: Buffer[]) => b.map((x) => x.toString('hex'));
const N = Number(process.argv[2] ?? 40),
  B = 1000;
const make = () =>
  Array.from({ length: B }, () => ({
    s: newSubjectId(),
    n: newRecordNo(),
    box: randomBytes(760),
    ring: randomBytes(181),
    l: [randomBytes(16), randomBytes(16), randomBytes(16)],
    u: randomBytes(16),
  }));
const insert = async (rows: ReturnType<typeof make>, conflict: string) =>
  db.begin(async (tx) => {
    await tx`insert into vault.keyrings (subject_id, epoch, ring, second_epoch, second_ring, seals)
    select s, e, decode(r, 'hex'), se, decode(sr, 'hex'), n
    from unnest(${rows.map((r) => r.s)}::uuid[], ${rows.map(() => 1)}::int[], ${hex(rows.map((r) => r.ring))}::text[], ${rows.map(() => null)}::int[], ${rows.map(() => null)}::text[], ${rows.map(() => 12)}::bigint[]) as t (s, e, r, se, sr, n)`;
    const ls = rows.flatMap((r) => r.l.map((v) => ({ r, v })));
    await Promise.all([
      tx`insert into vault.unique_lookups (value, subject_id, record_no, epoch) select decode(v,'hex'), s, n, 1 from unnest(${hex(rows.map((r) => r.u))}::text[], ${rows.map((r) => r.s)}::uuid[], ${rows.map((r) => String(r.n))}::bigint[]) as t (v,s,n) on conflict do nothing`,
      tx`insert into vault.records (subject_id, record_no, collection_no, version, box, lookups, expires_at)
      select s, n, c, 1, decode(b, 'hex'), decode(l, 'hex'), x
      from unnest(${rows.map((r) => r.s)}::uuid[], ${rows.map((r) => String(r.n))}::bigint[], ${rows.map(() => 1)}::smallint[], ${hex(rows.map((r) => r.box))}::text[], ${rows.map((r) => Buffer.concat([r.u, ...r.l]).toString('hex'))}::text[], ${rows.map(() => null)}::timestamptz[]) as t (s, n, c, b, l, x)`,
      tx.unsafe(
        `insert into vault.lookups (value, subject_id, record_no, epoch) select decode(v,'hex'), s, n, 1 from unnest($1::text[], $2::uuid[], $3::bigint[]) as t (v,s,n) ${conflict}`,
        [hex(ls.map((x) => x.v)), ls.map((x) => x.r.s), ls.map((x) => String(x.r.n))],
      ),
    ]);
  });
// COPY binary
const HEAD = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const END = Buffer.from([0xff, 0xff]);
const i16 = (n: number) => {
    const b = Buffer.alloc(2);
    b.writeInt16BE(n);
    return b;
  },
  i32 = (n: number) => {
    const b = Buffer.alloc(4);
    b.writeInt32BE(n);
    return b;
  },
  i64 = (n: bigint) => {
    const b = Buffer.alloc(8);
    b.writeBigInt64BE(n);
    return b;
  };
const pack = (rows: (Buffer | null)[][]) =>
  Buffer.concat([
    HEAD,
    ...rows.flatMap((r) => [i16(r.length), ...r.flatMap((v) => (v === null ? [i32(-1)] : [i32(v.length), v]))]),
    END,
  ]);
const copyIn = async (tx: any, what: string, bytes: Buffer) => {
  const s = await tx.unsafe(`copy ${what} from stdin (format binary)`).writable();
  await new Promise((ok, no) => {
    s.on('error', no);
    s.on('finish', ok);
    s.end(bytes);
  });
};
const prep = (rows: ReturnType<typeof make>) => ({
  k: pack(rows.map((r) => [uuidBytes(r.s), i32(1), r.ring, i64(12n)])),
  u: pack(rows.map((r) => [r.u, uuidBytes(r.s), i64(r.n), i16(1)])),
  l: pack(rows.flatMap((r) => r.l.map((v) => [v, uuidBytes(r.s), i64(r.n), i16(1)]))),
  r: pack(rows.map((r) => [uuidBytes(r.s), i64(r.n), i16(1), i32(1), r.box, Buffer.concat([r.u, ...r.l])])),
});
const copy = async (p: ReturnType<typeof prep>) =>
  db.begin(async (tx) => {
    await copyIn(tx, 'vault.keyrings (subject_id, epoch, ring, seals)', p.k);
    await copyIn(tx, 'vault.unique_lookups (value, subject_id, record_no, epoch)', p.u);
    await copyIn(tx, 'vault.records (subject_id, record_no, collection_no, version, box, lookups)', p.r);
    await copyIn(tx, 'vault.lookups (value, subject_id, record_no, epoch)', p.l);
  });
const run = async (name: string, f: (b: any) => Promise<any>, prepare: (r: any) => any = (r) => r) => {
  const batches = Array.from({ length: N }, () => prepare(make()));
  const c0 = await familyCpuSeconds(pg.pid());
  const [w0] = await db`select pg_current_wal_lsn() as l`;
  const n0 = process.cpuUsage();
  const t = performance.now();
  for (const b of batches) await f(b);
  const wall = performance.now() - t;
  const nu = process.cpuUsage(n0);
  const [w1] = await db`select pg_wal_lsn_diff(pg_current_wal_lsn(), ${w0!.l}) as d`;
  console.log(
    name.padEnd(20),
    'pg us/rec',
    ((((await familyCpuSeconds(pg.pid())) - c0) / (N * B)) * 1e6).toFixed(1),
    'node us/rec',
    ((nu.user + nu.system) / (N * B)).toFixed(1),
    'wall us',
    ((wall * 1000) / (N * B)).toFixed(1),
    'wal B/rec',
    Math.round(Number(w1!.d) / (N * B)),
  );
};
for (let r = 0; r < 3; r++) {
  await run('insert conflict', (b) => insert(b, 'on conflict do nothing'));
  await run('insert plain lookups', (b) => insert(b, ''));
  await run('copy', copy, prep);
}
await db.end();
await pg.stop();
