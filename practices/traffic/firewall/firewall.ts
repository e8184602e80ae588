/**
 * The firewall of this machine: what a policy would change, loading it with a way back, blocking single addresses.
 * It needs root, or CAP_NET_ADMIN. Nothing else of the machine's rules is touched.
 */
import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { blockText, judgeBlock, protectedBy, stillPermitted, unblockText, type AskedBlock, type BlockRefusal } from './block.ts'; // prettier-ignore
import { differences, type Change } from './difference.ts';
import { readLive, type LiveTable } from './live-table.ts';
import { lockouts, type Lockout, type Operator } from './lockout.ts';
import { REMOVAL, replacing, TABLE, tableText, type Block } from './nft-text.ts';
import type { Nft, Ran } from './nft.ts';
import { addPending, addToRestore, armed, restored, openFolder, pendingIn, takePending, wentBack, type Pending, type WentBack } from './pending.ts'; // prettier-ignore
import type { FirewallPolicy } from './policy.ts';
import { rulesetOf } from './ruleset.ts';
import { spanOf, spanText } from './spans.ts';

export type FirewallNeeds = Readonly<{
  nft: Nft;
  /** Only this user may write there; it need not outlive a restart of the machine, as rules do not. */
  folder: string;
  clock: () => Date;
  /** Of this machine's interfaces. */
  ownAddresses: () => readonly string[];
}>;

export type Plan = Readonly<{
  text: string;
  changes: readonly Change[];
  keeps: readonly Block[];
  ends: readonly Block[];
}>;
export type Checked = Readonly<{ ok: true }> | Readonly<{ ok: false; problems: readonly Lockout[] }>;
export type Applied = Readonly<{ ok: true; pending: Pending; plan: Plan }> | Readonly<{ ok: false; problems: readonly Lockout[] }>; // prettier-ignore
export type Blocked = Readonly<{ ok: true; until: Date }> | Readonly<{ ok: false; refusal: BlockRefusal }>;

export type Firewall = Readonly<{
  plan: (policy: FirewallPolicy) => Promise<Plan>;
  /** Whom it would lock out, and what nft says to the text; nothing is changed. */
  check: (policy: FirewallPolicy, operator: Operator | null) => Promise<Checked>;
  /** Loads it, and takes it back after `seconds` unless it is confirmed. */
  apply: (policy: FirewallPolicy, operator: Operator | null, seconds: number) => Promise<Applied>;
  confirm: () => Promise<Readonly<{ ok: true; id: string }> | Readonly<{ ok: false; back: WentBack | null }>>;
  /** Now, instead of when the time is over. */
  rollBack: () => Promise<Readonly<{ ok: boolean; says: string }>>;
  waiting: () => Promise<Pending | null>;
  /** What is blocked now, and for how long. */
  blocks: () => Promise<readonly Block[]>;
  block: (policy: FirewallPolicy, asked: AskedBlock) => Promise<Blocked>;
  unblock: (address: string) => Promise<Readonly<{ ok: boolean; says: string }>>;
}>;

export const CONFIRM_SECONDS = { least: 2, most: 3600 } as const;

export function createFirewall({ nft, folder, clock, ownAddresses }: FirewallNeeds): Firewall {
  const planOf = (policy: FirewallPolicy, live: LiveTable | null): Plan => {
    const ruleset = rulesetOf(policy);
    const keeps = stillPermitted(live?.blocks ?? [], protectedBy(policy, ownAddresses()));
    const ends = (live?.blocks ?? []).filter((each) => !keeps.includes(each));
    return { text: replacing(tableText(ruleset, keeps)), changes: differences(ruleset, live), keeps, ends };
  };
  const checked = async (
    policy: FirewallPolicy,
    operator: Operator | null,
    { text, keeps }: Plan,
  ): Promise<Checked> => {
    const problems = lockouts(policy, rulesetOf(policy), operator, keeps.map(({ span }) => span)); // prettier-ignore
    if (problems.length > 0) return { ok: false, problems };
    const { code, stderr } = await nft.run(['-c', '-f', '-'], text);
    if (code === 0) return { ok: true };
    const hint = code === 127 ? 'install nftables (apt-get install nftables)' : 'run it as root; the text is what `plan` shows'; // prettier-ignore
    return refused(`nft does not take the rules: ${stderr.trim().slice(0, 1000)}`, hint);
  };

  return {
    plan: async (policy) => planOf(policy, await readLive(nft)),
    check: async (policy, operator) => checked(policy, operator, planOf(policy, await readLive(nft))),
    apply: async (policy, operator, seconds) => {
      await openFolder(folder);
      const waits = await pendingIn(folder);
      if (waits !== null) return refused(`a change waits to be confirmed until ${waits.until.toISOString()}`, 'confirm it, or roll it back'); // prettier-ignore
      const live = await readLive(nft);
      const plan = planOf(policy, live);
      const allowed = await checked(policy, operator, plan);
      if (!allowed.ok) return allowed;
      const before = live === null ? REMOVAL : replacing(await listing());
      // what cannot be loaded again is no way back
      const back = await nft.run(['-c', '-f', '-'], before);
      if (back.code !== 0) return refused(`what is there could not be put back: ${back.stderr.trim().slice(0, 1000)}`, 'save it by hand, remove the table, then apply'); // prettier-ignore
      const id = randomBytes(8).toString('hex');
      const pending = { id, until: new Date(clock().getTime() + seconds * 1000) };
      if (!(await addPending(folder, pending, before))) return refused('another change was begun at this moment', 'wait for it, then try again'); // prettier-ignore
      await armed(folder, id, seconds, nft.command);
      const loaded = await nft.run(['-f', '-'], plan.text);
      if (loaded.code === 0) {
        if ((await pendingIn(folder))?.id === id) return { ok: true, pending, plan };
        // the time was over, or somebody decided, before the rules were there: nobody would take them back any more
        await nft.run(['-f', '-'], before);
        return refused(
          'the wait for a confirmation ended before the rules were loaded',
          'nothing was changed: apply again, with more --seconds',
        );
      }
      await takePending(folder, id, 'dropped');
      return refused(`nft did not load the rules: ${loaded.stderr.trim().slice(0, 1000)}`, 'nothing was changed');
    },
    confirm: async () => {
      await openFolder(folder);
      const waits = await pendingIn(folder);
      const took = waits === null ? null : await takePending(folder, waits.id, 'confirmed');
      return waits === null || took === null ? { ok: false, back: await wentBack(folder) } : { ok: true, id: waits.id };
    },
    rollBack: async () => {
      await openFolder(folder);
      const waits = await pendingIn(folder);
      const took = waits === null ? null : await takePending(folder, waits.id, 'rolling');
      if (took === null) return { ok: false, says: 'no change waits: there is nothing to take back' };
      const { code, stderr } = await nft.run(['-f', '-'], await readFile(join(took, 'restore.nft'), 'utf8'));
      // what would restore it is kept only where it did not
      if (code === 0) await rm(took, { recursive: true });
      return code === 0 ? { ok: true, says: 'what was there before is there again' } : { ok: false, says: `nft: ${stderr.trim().slice(0, 1000)}; what would restore it is in ${took}` }; // prettier-ignore
    },
    waiting: async () => {
      await openFolder(folder);
      return pendingIn(folder);
    },
    blocks: async () => (await readLive(nft))?.blocks ?? [],
    block: async (policy, asked) => {
      const judged = judgeBlock(asked, protectedBy(policy, ownAddresses()));
      if (!judged.ok) return judged;
      const { block } = judged;
      await openFolder(folder);
      const waits = await pendingIn(folder);
      const isAddress = block.span.first === block.span.last;
      // among what is put back it could overlap with another, and then nothing would be
      if (waits !== null && !isAddress) return { ok: false, refusal: { says: `a change of the rules waits to be confirmed until ${waits.until.toISOString()}`, hint: 'confirm it or roll it back before a network is blocked; single addresses can be' } }; // prettier-ignore
      const { code, stderr } = await load(block);
      if (code === 0 && waits !== null && !(await addToRestore(folder, waits.id, blockText(block, [])))) {
        // confirmed, it is there; put back at this moment, it is not
        await restored(folder, waits.id);
        await load(block);
      }
      if (code === 0) return { ok: true, until: new Date(clock().getTime() + block.seconds * 1000) };
      return { ok: false, refusal: whyNot(stderr) };
    },
    unblock: async (address) => {
      const span = spanOf(address);
      if (span === null) return { ok: false, says: 'this is no address and no network' };
      const { code, stderr } = await nft.run(['-f', '-'], unblockText(span));
      if (code === 0) return { ok: true, says: `${spanText(span)} is no longer blocked` };
      return { ok: false, says: /No such file/.test(stderr) ? `${spanText(span)} is not blocked by itself` : `nft: ${stderr.trim().slice(0, 500)}` }; // prettier-ignore
    },
  };

  async function listing(): Promise<string> {
    const { code, stdout, stderr } = await nft.run(['list', 'table', 'inet', TABLE]);
    if (code !== 0) throw new Error(`nft does not list the table: ${stderr.trim().slice(0, 500)}`);
    return stdout;
  }

  /** What was read may have ended by the time it is taken out: then it is read once more. */
  async function load(block: Block): Promise<Ran> {
    const isAddress = block.span.first === block.span.last;
    for (let tries = 0; ; tries++) {
      const there = isAddress ? [] : ((await readLive(nft))?.blocks ?? []);
      const ran = await nft.run(['-f', '-'], blockText(block, there));
      if (ran.code === 0 || isAddress || there.length === 0 || tries > 1) return ran;
    }
  }
}

const refused = (says: string, hint: string) => ({ ok: false, problems: [{ says, hint }] }) as const;

function whyNot(stderr: string): BlockRefusal {
  if (/overlap|conflicting/.test(stderr)) return { says: 'a wider network around it is blocked already', hint: 'block that one again, for longer' }; // prettier-ignore
  if (/No such file/.test(stderr)) return { says: 'no rules are loaded here', hint: 'strongroom traffic firewall apply comes first' }; // prettier-ignore
  if (/too many open files|No space/i.test(stderr)) return { says: 'the set of blocks is full', hint: 'block the networks that the addresses are in' }; // prettier-ignore
  return { says: `nft did not take it: ${stderr.trim().slice(0, 500)}`, hint: 'it takes root, and nftables' };
}
