/** Statements on what detections have learnt. */
import type { Statements } from '#platform/db';

export async function readBaseline(db: Statements, name: string): Promise<unknown> {
  const [row] = await db<{ state: unknown }[]>`select state from traffic.baselines where name = ${name}`;
  return row?.state ?? null;
}

export async function writeBaseline(db: Statements, name: string, state: unknown): Promise<void> {
  await db`
    insert into traffic.baselines (name, state, at) values (${name}, ${db.json(state as never)}, clock_timestamp())
    on conflict (name) do update set state = excluded.state, at = excluded.at`;
}
