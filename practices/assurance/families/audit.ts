/** The log says what was done, all of it, and a change of it is found. */
import { verifyLog } from '#platform/audit';
import { decodeBundle, parseProof, provesEntry, tilePath } from '#platform/tlog';

import { CannotTell, controlTest } from '../kit/control-test.ts';
import type { Kit } from '../kit/kit.ts';
import { changesMade } from '../store/as-thief.ts';

const PURPOSE = 'service.support';
/** A longer log is walked by its auditor, not each night by a test. */
const MOST_WALKED = 50_000;

type Source = Parameters<typeof verifyLog>[0]['source'];

/** The published log over HTTP, kept: what is changed in it is changed in a copy. */
async function logOver(kit: Kit): Promise<{ source: Source; size: number }> {
  const auditor = kit.as('auditor');
  const { text, status } = await auditor('GET', '/v1/audit/checkpoint');
  if (status !== 200) throw new CannotTell(`the log has no checkpoint: ${status}`);
  const size = Number(text.split('\n')[1]);
  const bundles = new Map<string, readonly Uint8Array[]>();
  const tiles = new Map<string, Uint8Array | null>();
  const source: Source = {
    checkpoint: () => Promise.resolve(text),
    witnessed: () => Promise.resolve(null),
    bundle: async (index, width) => {
      const path = tilePath('entries', index, width);
      if (!bundles.has(path)) bundles.set(path, decodeBundle((await auditor('GET', `/v1/audit/tile/${path}`)).bytes));
      return bundles.get(path) ?? [];
    },
    tile: async (level, index, width) => {
      const path = tilePath(level, index, width);
      if (!tiles.has(path)) {
        const found = await auditor('GET', `/v1/audit/tile/${path}`);
        tiles.set(path, found.status === 200 ? found.bytes : null);
      }
      return tiles.get(path) ?? null;
    },
  };
  return { source, size };
}

const DAMAGES: Readonly<Record<string, (entries: Uint8Array[]) => Uint8Array[]>> = {
  'an entry that was changed': (entries) => [...entries.slice(0, -1), Buffer.from(Buffer.from(entries.at(-1) as Uint8Array).toString('utf8').replace('"', '" '))],
  'an entry that was taken out': (entries) => entries.slice(0, -1),
  'an entry that was put in': (entries) => [...entries, Buffer.from('{"action":"vault.read"}')],
  'two entries in another order': (entries) => [...entries.slice(0, -2), ...entries.slice(-2).toReversed()],
  'a log that was cut off': (entries) => entries.slice(0, Math.floor(entries.length / 2)),
}; // prettier-ignore

export const AUDIT = [
  controlTest({
    id: 'AUDIT-01',
    practice: 'access',
    title: 'Every read and every refusal is in the log',
    hypothesis: 'For each read, search and refusal there is an entry that is proven to be in the signed tree.',
    kind: 'probe',
    severity: 'critical',
    asks: ['recorded'],
    maps: { asvs: ['16.3.2', '16.2.1'], csf: ['PR.PS-04'], sp80053: ['au-2', 'au-12'] },
    run: async (kit) => {
      const { record } = kit.canary();
      const reads = kit.as('application');
      await kit.inLog(await reads('GET', `/v1/vault/records/${record}`, { purpose: PURPOSE }), { action: 'vault.read', outcome: 'done' });
      await kit.inLog(await reads('POST', '/v1/vault/records/read', { purpose: PURPOSE, body: { ids: [record] } }), { action: 'vault.read', outcome: 'done' });
      await kit.inLog(await kit.as('marketing')('GET', `/v1/vault/records/${record}`, { purpose: PURPOSE }), { outcome: 'denied' });
      await kit.inLog(await kit.as('engineer')('GET', '/v1/audit/entries'), { outcome: 'denied' });
    },
  }),
  controlTest({
    id: 'AUDIT-02',
    practice: 'access',
    title: 'A log that was changed is found out',
    hypothesis: 'The offline verifier takes the log as it is, and refuses a copy in which an entry was changed, taken, put in or moved.',
    kind: 'attack',
    severity: 'critical',
    asks: ['prevented'],
    budget: { requests: 900, seconds: 120 },
    maps: { asvs: ['16.4.2'], csf: ['PR.PS-04'], sp80053: ['au-9', 'au-10'], attack: ['T1565.001', 'T1070'] },
    run: async (kit) => {
      const { source, size } = await logOver(kit);
      if (size > MOST_WALKED) throw new CannotTell(`the log has ${size} entries: strongroom audit verify walks all of it`);
      const verifierKey = kit.world.logKeys;
      const whole = await verifyLog({ source, verifierKey });
      kit.prevented(whole.ok, `the log is not what was signed: ${whole.problems[0] ?? ''}`);
      const last = Math.floor((size - 1) / 256);
      for (const [what, change] of Object.entries(DAMAGES)) {
        const harmed: Source = { ...source, bundle: async (index, width) => (index === last ? change([...(await source.bundle(index, width))]) : source.bundle(index, width)) };
        const { ok } = await verifyLog({ source: harmed, verifierKey });
        kit.prevented(!ok, `${what} was not found`);
      }
      const forged = await verifyLog({ source: { ...source, checkpoint: async () => (await source.checkpoint()).replace(`\n${size}\n`, `\n${size + 1}\n`) }, verifierKey });
      kit.prevented(!forged.ok, 'a checkpoint of another size was taken');
    },
  }),
  controlTest({
    id: 'AUDIT-03',
    practice: 'access',
    title: 'A proof proves one entry',
    hypothesis: 'A proof leads from its own entry alone: not from a changed one, not at another place, not with another path.',
    kind: 'attack',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['16.4.2'], csf: ['PR.PS-04'], sp80053: ['au-10'] },
    run: async (kit) => {
      const answer = await kit.as('application')('GET', `/v1/vault/records/${kit.canary().record}`, { purpose: PURPOSE });
      const at = await kit.log.find((entry) => entry.requestId === answer.requestId);
      if (at === null || !(await kit.log.isProven(at.index, at.entry))) throw new CannotTell('the entry of the read is not proven');
      const { text } = await kit.as('auditor')('GET', `/v1/audit/entries/${at.index}/proof?with=entry`);
      const proof = parseProof(text);
      const entry = proof?.extra;
      if (proof === null || !entry) throw new CannotTell('there is no proof');
      kit.prevented(provesEntry(proof, entry), 'the proof does not lead from its own entry');
      kit.prevented(!provesEntry(proof, Buffer.concat([entry, Buffer.from(' ')])), 'it leads from a changed entry too');
      kit.prevented(!provesEntry({ ...proof, index: Math.max(0, proof.index - 1) }, entry), 'it holds at another place too');
      kit.prevented(proof.hashes.length === 0 || !provesEntry({ ...proof, hashes: proof.hashes.slice(1) }, entry), 'it holds with a shorter path too');
    },
  }),
  controlTest({
    id: 'AUDIT-04',
    practice: 'assurance',
    title: 'The runner changes nothing that it tells of',
    hypothesis: 'The runner’s own role of the database changes no entry, no result and no finding.',
    kind: 'attack',
    severity: 'critical',
    asks: ['prevented'],
    maps: { asvs: ['16.4.1'], csf: ['PR.PS-04'], sp80053: ['au-9.4', 'ca-7.1'] },
    run: async (kit) => {
      const { tries, done } = await changesMade(kit.sql());
      kit.prevented(tries > 5 && done.length === 0, `it could: ${done.join(', ')}`);
    },
  }),
]; // prettier-ignore
