/** Sealed is sealed: what was changed does not open, and nothing lies in clear. */
import { filesWith } from '#platform/file-search';

import { CannotTell, controlTest } from '../kit/control-test.ts';

/** More is not gone through each night. */
const MOST_BYTES = 4 * 2 ** 30;
const PURPOSE = 'service.support';

export const CRYPTO = [
  controlTest({
    id: 'CRYPTO-01',
    practice: 'vault',
    title: 'A changed box does not open',
    hypothesis: 'One bit of a sealed record that was changed, and nothing of it leaves.',
    kind: 'attack',
    severity: 'critical',
    asks: ['prevented'],
    maps: { asvs: ['11.3.3'], csf: ['PR.DS-01'], sp80053: ['si-7', 'sc-28'] },
    run: async (kit) => {
      const canary = kit.canary();
      const read = () => kit.as('application')('GET', `/v1/vault/records/${canary.record}`, { purpose: PURPOSE });
      kit.prevented((await read()).status === 200, 'it is not read before it is changed');
      await kit.desk.damage(canary, 'flip');
      const answer = await read();
      await kit.desk.damage(canary, 'mend');
      kit.prevented(answer.status >= 400, `a changed record was answered with ${answer.status}`);
      kit.without(answer.text, 'the answer about a changed record');
      const after = await read();
      kit.prevented(after.status === 200, `mended, it is answered with ${after.status}`);
    },
  }),
  controlTest({
    id: 'CRYPTO-02',
    practice: 'vault',
    title: 'A box of somebody else does not open',
    hypothesis: 'The sealed bytes of one person in the place of another’s give nothing of either.',
    kind: 'attack',
    severity: 'critical',
    asks: ['prevented'],
    maps: { asvs: ['11.3.3'], csf: ['PR.DS-01'], sp80053: ['si-7'] },
    run: async (kit) => {
      const canary = kit.canary();
      await kit.desk.damage(canary, 'swap');
      const answer = await kit.as('application')('GET', `/v1/vault/records/${canary.record}`, { purpose: PURPOSE });
      await kit.desk.damage(canary, 'mend');
      kit.prevented(answer.status >= 400, `it was answered with ${answer.status}`);
      kit.without(answer.text, 'the answer about an exchanged record');
    },
  }),
  controlTest({
    id: 'CRYPTO-03',
    practice: 'vault',
    title: 'Nothing lies in clear on the disk',
    hypothesis: 'No file below the home holds a text of a canary: no table, no index, no write-ahead log, no log of ours.',
    kind: 'probe',
    severity: 'critical',
    asks: ['prevented'],
    budget: { requests: 10, seconds: 180 },
    maps: { asvs: ['14.2.4'], csf: ['PR.DS-01'], sp80053: ['sc-28'], attack: ['T1005'] },
    run: async (kit) => {
      const { values, record } = kit.canary();
      await kit.as('application')('GET', `/v1/vault/records/${record}`, { purpose: PURPOSE });
      const own = Object.values(values).filter((text) => kit.texts.includes(text));
      const { files, unreadable, left, found } = await filesWith(kit.world.home, own, { mostBytes: MOST_BYTES });
      if (own.length === 0 || files === unreadable) throw new CannotTell(`${own.length} texts, ${files} files, ${unreadable} that cannot be read`);
      kit.prevented(found.length === 0, `${new Set(found.map(({ file }) => file)).size} of ${files - unreadable} files hold a text in clear; ${unreadable} could not be read, ${left} older ones were not looked at`);
    },
  }),
  controlTest({
    id: 'CRYPTO-04',
    practice: 'vault',
    title: 'No algorithm is past its time',
    hypothesis: 'Everything that is sealed is sealed by an algorithm that may still be used, under a key that is not overdue.',
    kind: 'observe',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['11.2.2', '11.1.2'], csf: ['PR.DS-01'], sp80053: ['sc-12', 'sc-13'] },
    run: async (kit) => {
      const { status, json } = await kit.as('engineer')('GET', '/v1/vault/algorithms');
      kit.prevented(status === 200, `the inventory was answered with ${status}`);
      const { suites = [], findings = [] } = (json ?? {}) as { suites?: readonly unknown[]; findings?: readonly string[] };
      kit.prevented(suites.length > 0, 'the inventory is empty');
      const overdue = findings.filter((each) => each.includes('deadline'));
      kit.prevented(overdue.length === 0, overdue.join('; '));
    },
  }),
]; // prettier-ignore
