import { openWorld } from './world/world.ts';
import { cpuSeconds, familyCpuSeconds, residentMib } from './world/server.ts';
const w = await openWorld(() => {});
await w.clear.hasPgcrypto();
const plan = (process.argv[2] ?? '2000,10000,20000,20000').split(',').map(Number);
for (const n of plan) {
  const path = await w.csv(w.sealed(), n);
  const p00 = await familyCpuSeconds(w.postgresPid);
  let t = performance.now();
  await w.clear.copy(path);
  const copy = n / ((performance.now() - t) / 1000);
  const c0 = await cpuSeconds(w.server.pid),
    p0 = await familyCpuSeconds(w.postgresPid);
  const r = await w.importNext(n);
  const us = (s: number) => ((s / n) * 1e6).toFixed(0);
  console.log(
    String(n).padStart(7),
    'copy/s',
    Math.round(copy),
    'pg',
    us(p0 - p00),
    '| ours/s',
    Math.round(n / r.seconds),
    (n / r.seconds / copy).toFixed(3),
    '| cpu us/record: server',
    us((await cpuSeconds(w.server.pid)) - c0),
    'pg',
    us((await familyCpuSeconds(w.postgresPid)) - p0),
    'cli',
    us(r.cpuSeconds),
    'rss',
    (await residentMib(w.server.pid)).toFixed(0),
  );
}
if (process.argv[3]) for (const q of process.argv[3].split(';')) console.log(await w.db.unsafe(q));
await w.close();
