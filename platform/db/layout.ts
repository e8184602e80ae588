/**
 * A layout over several nodes, as its SQL file says it: deploy/database/citus.sql. The file is what runs; it is read so that
 * what is done already can be left out, and so that tests can hold the tables against it.
 */

export type LayoutStep = Readonly<{
  table: string;
  /** null: a copy on every node */
  column: string | null;
  /** Rows of the same value lie on the same node as those of this table; `none`: it begins a group. */
  with: string | null;
  /** As they stand in the file: the table is made, and what it had on the coordinator is let go. */
  statements: readonly string[];
}>;
export type Layout = Readonly<{
  steps: readonly LayoutStep[];
  /** Tables that stay on the coordinator, and why. */
  local: ReadonlyMap<string, string>;
}>;

const DISTRIBUTED = /^select create_distributed_table\('([\w.]+)', '(\w+)', colocate_with => '([\w.]+)'\);$/;
const REFERENCE = /^select create_reference_table\('([\w.]+)'\);$/;
const LET_GO = /^select truncate_local_data_after_distributing_table\('([\w.]+)'\);$/;

/** @throws Error on a line that is none of these: nothing in the file is passed over */
export function readLayout(text: string): Layout {
  const steps: LayoutStep[] = [];
  const local = new Map<string, string>();
  let because: string | null = null;
  for (const [at, line] of text.split('\n').entries()) {
    const wrong = (why: string): Error => new Error(`citus.sql:${at + 1}: ${why}`);
    const of = (table: string): string => {
      if (local.has(table) || steps.some((step) => step.table === table)) throw wrong(`${table} is named twice`);
      return table;
    };
    const listed = /^-- {3}((?:[\w]+\.[\w]+ ?)+)$/.exec(line)?.[1];
    if (listed !== undefined && because !== null)
      for (const table of listed.trim().split(' ')) local.set(of(table), because);
    else if (line.startsWith('--')) because = /^-- local: (.+)$/.exec(line)?.[1] ?? null;
    else if (line !== '') {
      const [, spread, column, group] = DISTRIBUTED.exec(line) ?? [];
      const copied = REFERENCE.exec(line)?.[1];
      const letGo = LET_GO.exec(line)?.[1];
      const last = steps.at(-1);
      if (spread !== undefined)
        steps.push({ table: of(spread), column: column as string, with: group as string, statements: [line] }); // prettier-ignore
      else if (copied !== undefined) steps.push({ table: of(copied), column: null, with: null, statements: [line] });
      else if (letGo !== undefined && letGo === last?.table && last.statements.length === 1)
        steps[steps.length - 1] = { ...last, statements: [...last.statements, line] };
      else throw wrong('neither a table nor a reason');
    }
  }
  const kept = steps.find(({ statements }) => statements.length === 1);
  if (kept !== undefined) throw new Error(`citus.sql: what ${kept.table} had stays on the coordinator`);
  return { steps, local };
}
