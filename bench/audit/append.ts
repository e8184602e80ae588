/** Appending: group commit against one transaction for each entry, and against the same bytes in a bare table. */
import { transact } from '#platform/db';

import { ratioOf, spreadOf, takeTurns, type Contender } from '../rounds.ts';
import { goal, type Bench, type Measured, type Row } from '../row.ts';
import { callers, openLog, someEvent, type Log } from './log.ts';

const GROUP_64 = 'group commit, 64 waiting';
const GROUP_512 = 'group commit, 512 waiting';
const EACH = 'a transaction for each entry, 64 waiting';
const BARE = 'multi-row INSERT of 500 into a bare table';
const BATCH = 500;

async function measure({ sizes, world, progress }: Bench): Promise<Measured> {
  const log = await openLog(await world(), 'audit_append');
  const ms = sizes.roundMs * 3;
  const contender = (name: string, work: () => Promise<number>): Contender<string> => ({
    name,
    work: async () => ({ operations: await work() }),
  });
  try {
    const bare = await bareInsert(log, ms);
    const each = (): Promise<unknown> => transact(log.db, (tx) => log.audit.appendIn(tx, someEvent()));
    const group = (): Promise<unknown> => log.audit.append(someEvent());
    const rates = await takeTurns(
      [
        contender(GROUP_64, () => callers(ms, 64, group)),
        contender(EACH, () => callers(ms, 64, each)),
        contender(GROUP_512, () => callers(ms, 512, group)),
        contender(BARE, bare),
      ],
      { rounds: sizes.rounds, warmups: 2, onRound: (round, of) => progress(`round ${round} of ${of}`) },
    );
    const of = (ours: string, theirs: string) => ratioOf(rates[ours] as number[], rates[theirs] as number[]);
    return {
      sides: Object.entries(rates).map(([name, values]) => ({
        name,
        unit: 'entries a second',
        spread: spreadOf(values),
      })),
      goals: [
        goal(`64 waiting, times ${EACH}`, of(GROUP_64, EACH), { atLeast: 8 }),
        goal(`512 waiting, times ${EACH}`, of(GROUP_512, EACH), { atLeast: 16 }),
        goal(`512 waiting, of ${BARE}`, of(GROUP_512, BARE), { atLeast: 0.5 }),
      ],
    };
  } finally {
    await log.close();
  }
}

/** The limit: the same sizes, no order, no head, no waiting for one another. */
async function bareInsert({ db }: Log, ms: number): Promise<() => Promise<number>> {
  await db`create table bare (index bigint primary key, bytes bytea not null)`;
  await db`alter table bare alter column bytes set storage external`;
  const bytes = 'ab'.repeat(JSON.stringify(someEvent()).length + 80);
  let next = 0;
  return async () => {
    const until = performance.now() + ms;
    const from = next;
    while (performance.now() < until) {
      const indexes = Array.from({ length: BATCH }, (_, n) => String(next + n));
      next += BATCH;
      await db`
        insert into bare select i, decode(b, 'hex')
        from unnest(${indexes}::bigint[], ${indexes.map(() => bytes)}::text[]) as t (i, b)`;
    }
    return next - from;
  };
}

export const append: Row = {
  name: 'audit-append',
  title: 'Appending to the audit log, each caller answered when its entry is durable',
  how: [
    'Entries of about 400 bytes, encoded and hashed to pseudonyms as a read does it; PostgreSQL with fsync; one process.',
    'Goals: what the prototype of the design did over one transaction for each entry, less a fifth for the machine.',
  ],
  measure,
};
