/** `audit diff`: two checkpoints, the same log or not, and what lies between. */
import { readFile } from 'node:fs/promises';

import { compareHeads, entriesBetween, type TrustedHead } from '#platform/audit';

import { believe, openLog, seenOf, type AuditOptions } from './audit-options.ts';
import type { Seen } from './audit-seen.ts';
import { NOT_SO } from './audit-verify.ts';
import type { HttpLog } from './http-log.ts';

type Line = Readonly<{ index: number; ts: string; action: string; outcome: string; purpose: string }>;

export async function auditDiff(options: AuditOptions, words: string[]): Promise<number> {
  const log = openLog(options);
  const seen = await seenOf(options);
  const { trust, problem: lostKeys } = await believe(options, log, seen);
  const notes = await Promise.all(words.map((word) => readNote(word, log, seen)));
  const heads = notes.map((note) => trust.openOlder(note));
  const unsigned = words.filter((_, i) => heads[i] === null);
  if (lostKeys !== null || unsigned.length > 0) {
    return conclude(options, { problem: lostKeys ?? `not signed by this log: ${unsigned.join(', ')}` });
  }
  const [earlier, later] = (heads as TrustedHead[]).toSorted((one, other) => one.size - other.size) as [
    TrustedHead,
    TrustedHead,
  ];
  const sizes = { from: earlier.size, to: later.size };
  const problem = await compareHeads(log.tile, earlier, later);
  if (problem !== null || earlier.size === later.size) return conclude(options, { ...sizes, problem });

  const lines: Line[] = [];
  const actions = new Map<string, number>();
  const changed = await entriesBetween(log, earlier, later, (entry, index) => {
    const line = lineOf(entry, index);
    const name = `${line.action} ${line.outcome}`;
    actions.set(name, (actions.get(name) ?? 0) + 1);
    if (options.entries) lines.push(line);
  });
  // entries that do not lead to the signed root say nothing
  return conclude(
    options,
    changed === null ? { ...sizes, problem: null, actions, lines } : { ...sizes, problem: changed },
  );
}

/** @throws Error for a file that is not there, and for a witnessed checkpoint when there is none */
async function readNote(word: string, log: HttpLog, seen: Seen): Promise<string> {
  const note =
    word === 'now'
      ? await log.checkpoint()
      : word === 'witnessed'
        ? await log.witnessed()
        : word === 'seen'
          ? seen.note
          : await readFile(word, 'utf8');
  if (note === null) throw new Error(`there is no checkpoint ${word}`);
  return note;
}

/** Members that are no text are left out: `audit verify` says what is wrong with such an entry. */
function lineOf(entry: Uint8Array, index: number): Line {
  let read: Readonly<Record<string, unknown>> = {};
  try {
    read = (JSON.parse(Buffer.from(entry).toString('utf8')) ?? {}) as typeof read;
  } catch {
    // then it has no members
  }
  const text = (name: string): string => (typeof read[name] === 'string' ? read[name] : '');
  return {
    index,
    ts: text('ts'),
    action: text('action') || 'unreadable',
    outcome: text('outcome'),
    purpose: text('purpose'),
  };
}

type Conclusion = Readonly<{
  problem: string | null;
  from?: number;
  to?: number;
  actions?: ReadonlyMap<string, number>;
  lines?: readonly Line[];
}>;

function conclude({ json, entries }: AuditOptions, { problem, from, to, actions, lines = [] }: Conclusion): number {
  if (json) {
    const report = {
      ok: problem === null,
      problem,
      from,
      to,
      actions: Object.fromEntries(actions ?? []),
      ...(entries ? { entries: lines } : {}),
    };
    process.stdout.write(`${JSON.stringify(report)}\n`);
  } else if (problem !== null) process.stdout.write(`They are NOT of one log: ${problem}.\n`);
  else if (from === to) process.stdout.write(`They are the same ${to} entries.\n`);
  else {
    const added = [...(actions ?? [])].toSorted(([, one], [, other]) => other - one);
    process.stdout.write(
      [
        `The later only adds to the earlier: entries ${from} to ${(to as number) - 1}.`,
        ...added.map(([name, count]) => `${String(count).padStart(8)}  ${name}`),
        ...lines.map(({ index, ts, action, outcome, purpose }) =>
          `${String(index).padStart(8)}  ${ts}  ${action}  ${outcome}  ${purpose}`.trimEnd(),
        ),
        '',
      ].join('\n'),
    );
  }
  return problem === null ? 0 : NOT_SO;
}
