/** A customer's copy: how fast it streams, and what a large one takes in memory beside a small one. */
import { spreadOf } from '../rounds.ts';
import { goal, type Bench, type Measured, type Row } from '../row.ts';
import { residentMib } from '../world/server.ts';
import { openCenter } from './center.ts';

type Copied = Readonly<{ seconds: number; bytes: number; peakMib: number }>;

async function download(url: string, pid: number, cookie: string): Promise<Copied> {
  const from = performance.now();
  let peakMib = await residentMib(pid);
  const look = setInterval(() => {
    residentMib(pid).then(
      (mib) => (peakMib = Math.max(peakMib, mib)),
      () => undefined,
    );
  }, 20);
  try {
    const answer = await fetch(`${url}/center/data.zip`, { headers: { cookie }, redirect: 'manual' });
    // a page that says why not is no copy
    if (!answer.ok || answer.body === null) throw new Error(`the copy was answered ${answer.status}`);
    let bytes = 0;
    for await (const piece of answer.body) bytes += piece.length;
    return { seconds: (performance.now() - from) / 1000, bytes, peakMib };
  } finally {
    clearInterval(look);
  }
}

async function measure({ sizes, world, progress }: Bench): Promise<Measured> {
  const many = sizes.name === 'tiny' ? 600 : 10_000;
  const few = many / 10;
  const center = await openCenter(await world(), 'copies');
  try {
    const { url, pid } = center.server;
    const [small, large] = [await center.customer(few), await center.customer(many)];
    const rounds = Math.min(5, sizes.rounds);
    const [little, much]: [Copied[], Copied[]] = [[], []];
    // once before, so that what the process takes for itself is there in both
    await download(url, pid, small);
    for (let round = 1; round <= rounds; round += 1) {
      progress(`round ${round} of ${rounds}`);
      little.push(await download(url, pid, small));
      much.push(await download(url, pid, large));
    }
    const ratio = spreadOf(much.map(({ peakMib }, at) => peakMib / (little[at]?.peakMib ?? Number.NaN)));
    const speed = spreadOf(much.map(({ seconds }, at) => many / seconds / (few / (little[at]?.seconds ?? Number.NaN))));
    const rate = (of: readonly Copied[], records: number) => spreadOf(of.map(({ seconds }) => records / seconds));
    return {
      sides: [
        { name: `a copy of ${many} records`, unit: 'records/s', spread: rate(much, many) },
        { name: `a copy of ${few} records`, unit: 'records/s', spread: rate(little, few) },
      ],
      figures: [
        { name: `size of ${many} records`, value: (much[0]?.bytes ?? 0) / 2 ** 20, unit: 'MiB' },
        { name: 'peak memory of the server meanwhile', value: Math.max(...much.map(({ peakMib }) => peakMib)), unit: 'MiB' },
      ],
      goals: [
        goal('peak memory, of one with a tenth of the records', ratio, { atMost: 1.3 }),
        goal('records a second, of one with a tenth of the records', speed, { atLeast: 0.7 }),
      ],
    }; // prettier-ignore
  } finally {
    await center.close();
  }
}

export const copy: Row = {
  name: 'copy',
  title: 'a copy of 10,000 records streams',
  how: [
    'A signed-in customer downloads /center/data.zip: every record is read, decided and logged as any read, page by page. The same server gives a copy of a tenth as many records in the same round; its resident memory is looked at every 20 ms.',
  ],
  measure,
};
