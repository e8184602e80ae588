/** A backup and a restore of the whole database, beside what others do with the same one. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { ratioOf, spreadOf } from '../rounds.ts';
import { goal, type Bench, type Goal, type Measured, type Missing, type Row, type Side } from '../row.ts';
import { command, type Ran } from './command.ts';
import { dropHome, type Restored } from './ours.ts';
import { peersOf, type Peer } from './peers.ts';
import { withRoom, type Room } from './room.ts';
import { compareSums, sumsOf, sumsOfHome, unmoved } from './sums.ts';

const OURS = 'strongroom';
const RSS_MIB = 300;

const measure = ({ sizes, serverFlags, progress }: Bench): Promise<Measured> =>
  withRoom(sizes.backupRecords, serverFlags, progress, (room) =>
    sideBySide({ ...room, rounds: sizes.backupRounds, records: sizes.backupRecords, progress }),
  );

type Sides = Pick<Room, 'cluster' | 'url' | 'folder' | 'ours'> &
  Readonly<{ rounds: number; records: number; progress: (words: string) => void }>;

async function sideBySide({ cluster, url, folder, rounds, records, progress, ours }: Sides): Promise<Measured> {
  const missing: Missing[] = [];
  const plain = join(folder, 'dump.sql');
  await command(join(cluster.bin as string, 'pg_dump'), ['-Fp', '-f', plain, url]);
  const mb = (await stat(plain)).size / 1e6;
  const peers = await prepared(peersOf({ cluster, url, folder, plain }, missing), missing);

  const backups = new Map<string, Ran[]>();
  const restores = new Map<string, Ran[]>();
  const restored: Restored[] = [];
  const keep = (to: Map<string, Ran[]>, name: string, ran: Ran): void => void to.set(name, [...(to.get(name) ?? []), ran]);
  const takeTurns = async (what: string, to: Map<string, Ran[]>, work: (peer: Peer | null, round: number) => Promise<Ran>) => {
    for (let round = 0; round < rounds; round += 1)
      for (const peer of round % 2 === 0 ? [null, ...peers] : [...peers.toReversed(), null]) {
        progress(`${what} ${round + 1} of ${rounds}: ${peer?.name ?? OURS}`);
        keep(to, peer?.name ?? OURS, await work(peer, round));
      }
  };
  const before = await sumsOf(url);
  await takeTurns('backup', backups, (peer, round) => peer?.backup(round) ?? ours.backup());
  const source = unmoved(before, await sumsOf(url));
  let sealedMb = 0;
  await takeTurns('restore', restores, async (peer, round) => {
    if (peer !== null) return peer.restore(round);
    const home = join(folder, `restored-${round}`);
    const done = await ours.restore(home);
    restored.push(done);
    compareSums(source, await sumsOfHome(home));
    if (!done.passed) throw new Error('the restore did not prove itself');
    sealedMb = mb;
    await dropHome(home);
    return { ...done, seconds: done.rowsSeconds };
  });

  const rates = (of: Map<string, Ran[]>, name: string): number[] => (of.get(name) ?? []).map(({ seconds }) => mb / seconds);
  const peaks = (of: Map<string, Ran[]>, name: string): number[] => (of.get(name) ?? []).map(({ peakMib }) => peakMib);
  const names = [OURS, ...peers.map(({ name }) => name)];
  const sides = names.flatMap((name): Side[] => [
    { name: `${name}: backup`, unit: 'MB/s', spread: spreadOf(rates(backups, name)) },
    { name: `${name}: restore`, unit: 'MB/s', spread: spreadOf(rates(restores, name)) },
    { name: `${name}: memory at most, backup`, unit: 'MiB', spread: spreadOf(peaks(backups, name)) },
    { name: `${name}: memory at most, restore`, unit: 'MiB', spread: spreadOf(peaks(restores, name)) },
  ]);
  const compared = new Map(restores).set(OURS, restored.map((one) => ({ ...one, seconds: one.rowsSeconds + one.compareSeconds }))); // prettier-ignore
  const against = (says: string, name: string, of: Map<string, Ran[]>, atLeast: number | null): Goal[] =>
    names.includes(name) ? [goal(says, ratioOf(rates(of, OURS), rates(of, name)), atLeast === null ? null : { atLeast })] : [];
  const [dump, rest, files] = ['pg_dump -Fc, pg_restore', 'pgBackRest, zstd and AES, 2 processes', 'restic, of the dump as a file'];
  return {
    sides,
    goals: [
      ...against("of pg_dump's backup", dump, backups, 2),
      ...against("of pgBackRest's backup", rest, backups, 1),
      ...against("of restic's backup", files, backups, null),
      ...against("of pg_restore's restore, with indexes", dump, restores, 2),
      ...against("of pg_restore's restore, and every row read back and compared, which pg_restore does not", dump, compared, null),
      ...against("of pgBackRest's restore of files", rest, restores, null),
      goal(`of ${RSS_MIB} MiB, the server during a backup`, spreadOf(peaks(backups, OURS).map((mib) => mib / RSS_MIB)), { atMost: 1 }),
      goal('the restored equals the source by counts and sums', spreadOf([sealedMb > 0 ? 1 : 0]), { atLeast: 1 }),
    ],
    figures: [
      { name: 'customers', value: records, unit: '' },
      { name: 'memory of the server before its first backup', value: ours.idleMib, unit: 'MiB' },
      { name: 'the database as text', value: mb, unit: 'MB' },
      { name: 'reading the restored back and comparing it with the backup', value: spreadOf(restored.map(({ compareSeconds }) => compareSeconds)).median, unit: 's' },
      { name: 'a whole restore of ours, with replay, search index and proof', value: spreadOf(restored.map(({ seconds }) => seconds)).median, unit: 's' },
      { name: 'records opened and compared with the log', value: restored[0]?.records ?? 0, unit: '' },
    ],
    missing,
  };
} // prettier-ignore

/** One that is installed and does not work here is missing too, and says why. */
async function prepared(peers: readonly Peer[], missing: Missing[]): Promise<Peer[]> {
  const ready: Peer[] = [];
  for (const peer of peers)
    try {
      await peer.prepare();
      ready.push(peer);
    } catch (thrown) {
      missing.push({ peer: peer.name, why: (thrown as Error).message.replaceAll('\n', ' ').slice(0, 300) });
    }
  return ready;
}

export const snapshot: Row = {
  name: 'snapshot',
  title: 'a backup and a restore of the whole database',
  how: [
    "One database in Debian's PostgreSQL, with sealed customers; contenders take turns and turn the order round. MB are of the database as text (`pg_dump -Fp`), the same for all.",
    'Ours: `POST /v1/backups/runs` until it is done (data and keys, sealed to a hybrid post-quantum recipient, read back from the store), and `strongroom backups restore` on an empty home. Its rate counts schema, rows, keys and indexes, analysed and on the disk, as pg_restore does less; reading every row back and comparing, replaying erasures, making the search index anew, opening every record and comparing all with the log come on top, and are told apart below. Blind indexes are not in our backups.',
    'pgBackRest copies files, and its restore starts no server; restic takes the dump as a file, and its restore makes that file again. Memory: of our backup the whole server, started anew after the import, of our restore the command without its PostgreSQL; of the others the program and what it starts, without PostgreSQL.',
  ],
  measure,
};
