/**
 * Looks at what is about to leave as whoever receives it will: at the lines, not at how they were made. It shares no code
 * with the grouping that chose them, so that a mistake there is seen here.
 */
import { createHmac, randomBytes } from 'node:crypto';

import type { Db } from '#platform/db';

import { addSeen, measureSeen } from '../store/spool.ts';

export type Measured = Readonly<{
  rows: number;
  groups: number;
  /** People in the smallest group; 0: nothing leaves. */
  k: number;
  /** By sensitive column: the fewest different values in a group. */
  l: Readonly<Record<string, number>>;
}>;
type Columns = Readonly<{ quasi: readonly string[]; sensitive: readonly string[] }>;

export async function measureLines(
  db: Db,
  { quasi, sensitive }: Columns,
  batches: AsyncIterable<readonly Readonly<{ person: Buffer; line: string }>[]>,
): Promise<Measured> {
  const key = randomBytes(32);
  const code = (value: unknown): Buffer =>
    createHmac('sha256', key).update(JSON.stringify(value)).digest().subarray(0, 16);
  for await (const batch of batches)
    await addSeen(
      db,
      batch.map(({ person, line }) => {
        const row = JSON.parse(line) as Record<string, unknown>;
        return {
          person,
          quasi: code(quasi.map((name) => row[name])),
          sensitive: Buffer.concat(sensitive.map((name) => code([name, row[name]]))),
        };
      }),
    );
  const { l, ...rest } = await measureSeen(db, sensitive.length);
  return { ...rest, l: Object.fromEntries(sensitive.map((name, n) => [name, l[n] as number])) };
}
