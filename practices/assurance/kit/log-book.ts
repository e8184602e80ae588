/** The audit log as an auditor reads it over HTTP, from where it ended when the run began. Every entry is read once. */
import { setTimeout as sleep } from 'node:timers/promises';

import { openNote, parseProof, parseVerifierKeys, provesEntry } from '#platform/tlog';

import { CannotTell } from './control-test.ts';
import type { Client } from './wire.ts';

export type Entry = Readonly<Record<string, unknown>>;
export type Placed = Readonly<{ index: number; entry: Entry }>;
export type LogBook = Readonly<{
  /** The newest entry that fits, waited for a moment. */
  find: (fits: (entry: Entry) => boolean) => Promise<Placed | null>;
  /** All that were written since the run began. */
  since: () => Promise<readonly Placed[]>;
  /** The log's own proof leads from this very entry to a tree that its key signed. */
  isProven: (index: number, entry: Entry) => Promise<boolean>;
}>;

const PAGE = 1000;
const WAIT_MS = 3000;
const SIGNED_WITHIN_MS = 10_000;

export async function openLogBook(auditor: Client, logKeys: string): Promise<LogBook> {
  const keys = parseVerifierKeys(logKeys);
  const entries: Placed[] = [];
  const first = await auditor('GET', '/v1/audit/entries?limit=1');
  if (first.status !== 200) throw new CannotTell(`the log cannot be read: ${first.status}`);
  let next = Number(first.json?.size);

  const readOn = async (): Promise<void> => {
    for (;;) {
      const { status, json } = await auditor('GET', `/v1/audit/entries?from=${next}&limit=${PAGE}`);
      if (status !== 200) throw new CannotTell(`the log cannot be read: ${status}`);
      const page = (json?.entries ?? []) as readonly Placed[];
      entries.push(...page);
      next += page.length;
      // reading it is an entry too: a page that holds only that is the end
      if (page.length < 2) return;
    }
  };

  return {
    find: async (fits) => {
      const end = Date.now() + WAIT_MS;
      for (;;) {
        await readOn();
        const found = entries.findLast(({ entry }) => fits(entry));
        if (found !== undefined) return found;
        if (Date.now() > end) return null;
        await sleep(100);
      }
    },
    since: async () => {
      await readOn();
      return entries;
    },
    isProven: async (index, entry) => {
      // the newest entries are signed a second later: a proof that is asked for too early is an error in the server's log
      const end = Date.now() + SIGNED_WITHIN_MS;
      for (;;) {
        const { text } = await auditor('GET', '/v1/audit/checkpoint');
        if (Number(text.split('\n')[1]) > index) break;
        if (Date.now() > end) return false;
        await sleep(250);
      }
      const { status, text } = await auditor('GET', `/v1/audit/entries/${index}/proof?with=entry`);
      const proof = status === 200 ? parseProof(text) : null;
      if (!proof?.extra) return false;
      const signed = keys !== null && (openNote(proof.note, keys)?.signed.size ?? 0) > 0;
      const same = JSON.stringify(JSON.parse(proof.extra.toString('utf8'))) === JSON.stringify(entry);
      return signed && same && proof.index === index && provesEntry(proof, proof.extra);
    },
  };
}
