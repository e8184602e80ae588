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

/** Of copies of one size, until as many records went out as of any other size: so long a process makes garbage. */
async function peakOf(copies: number, once: () => Promise<Copied>): Promise<number> {
  let peak = 0;
  for (let left = copies; left > 0; left -= 1) peak = Math.max(peak, (await once()).peakMib);
  return peak;
}

async function measure({ sizes, world, progress }: Bench): Promise<Measured> {
  const many = sizes.name === 'tiny' ? 600 : 10_000;
  const few = many / 10;
  const center = await openCenter(await world(), 'copies');
  try {
    const [small, large, double] = [await center.customer(few), await center.customer(many), await center.customer(2 * many)];
    const rounds = Math.min(5, sizes.rounds);
    // what a process has taken it keeps: so it is one that stored nothing, the small ones come first, and the largest last
    const { url, pid } = await center.anew();
    progress('memory');
    await peakOf(4, () => download(url, pid, small));
    const peaks = [
      await peakOf(40, () => download(url, pid, small)),
      await peakOf(4, () => download(url, pid, large)),
      await peakOf(2, () => download(url, pid, double)),
    ] as const;
    const [little, much]: [Copied[], Copied[]] = [[], []];
    for (let round = 1; round <= rounds; round += 1) {
      progress(`round ${round} of ${rounds}`);
      little.push(await download(url, pid, small));
      much.push(await download(url, pid, large));
    }
    const once = (value: number) => spreadOf([value]);
    const speed = spreadOf(much.map(({ seconds }, at) => many / seconds / (few / (little[at]?.seconds ?? Number.NaN))));
    const rate = (of: readonly Copied[], records: number) => spreadOf(of.map(({ seconds }) => records / seconds));
    return {
      sides: [
        { name: `a copy of ${many} records`, unit: 'records/s', spread: rate(much, many) },
        { name: `a copy of ${few} records`, unit: 'records/s', spread: rate(little, few) },
      ],
      figures: [
        { name: `size of ${many} records`, value: (much[0]?.bytes ?? 0) / 2 ** 20, unit: 'MiB' },
        { name: `peak memory of the server, copies of ${few} records`, value: peaks[0], unit: 'MiB' },
        { name: `then, copies of ${many}`, value: peaks[1], unit: 'MiB' },
        { name: `then, copies of ${2 * many}`, value: peaks[2], unit: 'MiB' },
      ],
      goals: [
        goal('peak memory, of copies with a tenth of the records', once(peaks[1] / peaks[0]), { atMost: 1.3 }),
        goal('peak memory of twice the records', once(peaks[2] / peaks[1]), { atMost: 1.1 }),
        goal('records a second, of one with a tenth of the records', speed, { atLeast: 0.7 }),
      ],
    };
  } finally {
    await center.close();
  }
} // prettier-ignore

export const copy: Row = {
  name: 'copy',
  title: 'a copy of 10,000 records streams',
  how: [
    'A signed-in customer downloads /center/data.zip: every record is read, decided and logged as any read, page by page. The same server gave copies of a tenth as many records before, as many records in all, and gives copies of twice as many after; its resident memory is looked at every 20 ms.',
  ],
  measure,
};
