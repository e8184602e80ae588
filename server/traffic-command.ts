/**
 * `strongroom traffic firewall …`: on the machine itself, as root, without a server. It changes one table of nftables,
 * `inet strongroom`, and nothing else.
 */
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { parseArgs } from 'node:util';

import { sshSession } from '#platform/config';
import {
  changeText,
  CONFIRM_SECONDS,
  createFirewall,
  createNft,
  parsePolicy,
  spanText,
  verifyHere,
  verifyInNamespace,
  type Applied,
  type Checked,
  type Firewall,
  type FirewallPolicy,
  type Operator,
} from '#practices/traffic';

import { asksForHelp, help } from './command-arguments.ts';
import { tlsCommand } from './traffic-tls.ts';

const USAGE = `strongroom traffic firewall, on the machine itself, as root (docs/practices/traffic.md):

  plan     --policy <file>      what it would change, in words; --text: the rules themselves
  check    --policy <file>      whom it would lock out, and what nft says; nothing is changed
  apply    --policy <file>      load it; taken back by itself unless confirmed within --seconds 60
  confirm                       keep what was applied      rollback   take it back now
  verify   --policy <file>      in a network namespace, tried from outside; --here: what listens on this machine
  block    --policy <file> <address|network>  --seconds 3600 --reason <words>
  unblock  <address|network>    blocks     what is blocked now

  --operator <address[:port]>|console   who must not be cut off; an SSH session is found by itself
  --state <folder>              where a change waits (/run/strongroom-firewall)
  --json                        for machines

Exit codes: 0 done, 1 failed, 2 usage, 3 refused, 6 verification found something.
`;

type Outcome = Readonly<{ code: number; shown: unknown; words: string }>;
type Asked = Readonly<{ firewall: Firewall; policy: () => Promise<FirewallPolicy>; values: Values; operands: readonly string[] }>; // prettier-ignore
type Values = Readonly<ReturnType<typeof readArgs>['values']>;

/** What a person wrote is not usable: said, with exit code 2. */
class Unusable extends Error {}

export async function trafficCommand([noun = '', ...rest]: readonly string[]): Promise<number> {
  if (noun === 'tls') return tlsCommand(rest, ownAddresses());
  if (asksForHelp(rest)) return help(USAGE);
  const [what = '', ...args] = rest;
  const verb = noun === 'firewall' ? VERBS[what as keyof typeof VERBS] : undefined;
  if (verb === undefined) return usage();
  let json = false;
  try {
    const { values, positionals } = readArgs(args);
    json = values.json;
    const firewall = createFirewall({ nft: createNft(['nft']), folder: values.state, clock: () => new Date(), ownAddresses }); // prettier-ignore
    const policy = () => readPolicy(values.policy);
    const { code, shown, words } = await verb({ firewall, policy, values, operands: positionals });
    process.stdout.write(json ? `${JSON.stringify(shown)}\n` : `${words}\n`);
    return code;
  } catch (thrown) {
    if (thrown instanceof Unusable) return usage(thrown.message);
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    return 1;
  }
}

function readArgs(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const yes = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        policy: text,
        seconds: text,
        reason: { ...text, default: '' },
        operator: text,
        state: { ...text, default: '/run/strongroom-firewall' },
        text: yes,
        here: yes,
        json: yes,
      },
    });
  } catch (error) {
    throw new Unusable((error as Error).message);
  }
}

function usage(words?: string): number {
  process.stderr.write(words === undefined ? USAGE : `${words}\n\n${USAGE}`);
  return 2;
}

async function readPolicy(file: string | undefined): Promise<FirewallPolicy> {
  if (file === undefined) throw new Unusable('--policy <file> is needed');
  const read = parsePolicy(await readFile(file, 'utf8'));
  if (read.ok) return read.policy;
  const lines = read.problems.map(({ path, line, says, hint }) => `${file}${line === null ? '' : `:${line}`} ${path}: ${says}\n  ${hint}`); // prettier-ignore
  throw new Unusable(lines.join('\n'));
}

const ownAddresses = (): readonly string[] =>
  Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address.split('%')[0] ?? ''));

/** @returns null at the machine's own console, which somebody must have said */
function operatorOf({ operator }: Values): Operator | null {
  if (operator === 'console') return null;
  if (operator === undefined) {
    const session = sshSession();
    if (session !== null) return session;
    throw new Unusable('who must not be cut off? --operator <your address>, or --operator console at the machine itself (sudo hides the SSH session)'); // prettier-ignore
  }
  const [, inBrackets, plain, port] = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([\d.]{7,15})):(\d{1,5})$/.exec(operator) ?? [];
  const address = inBrackets ?? plain ?? operator;
  return { address, port: port === undefined ? null : Number(port) };
}

function secondsOf({ seconds }: Values, otherwise: number, most: number): number {
  const read = seconds === undefined ? otherwise : Number(seconds);
  if (!Number.isInteger(read) || read < CONFIRM_SECONDS.least || read > most)
    throw new Unusable(`--seconds is a whole number from ${CONFIRM_SECONDS.least} to ${most}`);
  return read;
}

const one = (operands: readonly string[]): string => {
  if (operands.length !== 1) throw new Unusable('name one address or network');
  return operands[0] as string;
};

const problemWords = (refused: (Checked | Applied) & { ok: false }): string =>
  refused.problems.map(({ says, hint }) => `✖ ${says}\n  ${hint}`).join('\n');

const VERBS = {
  plan: async ({ firewall, policy, values }: Asked): Promise<Outcome> => {
    const { text, changes, keeps, ends } = await firewall.plan(await policy());
    const lines = changes.map(changeText);
    const blocks = [`${keeps.length} blocks go on`, ...ends.map(({ span }) => `the block of ${spanText(span)} ends: it is never to be blocked`)]; // prettier-ignore
    const words = lines.length === 0 ? 'what is loaded is what is declared' : lines.join('\n');
    return { code: 0, shown: { text, changes: lines, blocks: keeps.length }, words: values.text ? text : [words, ...blocks].join('\n') }; // prettier-ignore
  },
  check: async ({ firewall, policy, values }: Asked): Promise<Outcome> => {
    const checked = await firewall.check(await policy(), operatorOf(values));
    return checked.ok
      ? { code: 0, shown: checked, words: '✔ nobody is locked out, and nft takes the rules' }
      : { code: 3, shown: checked, words: problemWords(checked) };
  },
  apply: async ({ firewall, policy, values }: Asked): Promise<Outcome> => {
    const seconds = secondsOf(values, 60, CONFIRM_SECONDS.most);
    const applied = await firewall.apply(await policy(), operatorOf(values), seconds);
    if (!applied.ok) return { code: 3, shown: applied, words: problemWords(applied) };
    const { pending, plan } = applied;
    const until = pending.until.toISOString();
    return {
      code: 0,
      shown: { ok: true, id: pending.id, until, changes: plan.changes.map(changeText) },
      words: `✔ ${plan.changes.length} changes are loaded until ${until}\n  open a second session; if that works: strongroom traffic firewall confirm`,
    };
  },
  confirm: async ({ firewall }: Asked): Promise<Outcome> => {
    const confirmed = await firewall.confirm();
    if (confirmed.ok) return { code: 0, shown: confirmed, words: '✔ it stays' };
    const words = confirmed.back === null ? 'no change waits to be confirmed' : confirmed.back.restored ? 'too late: what was there before is there again' : `too late, and what was there could not be put back: ${confirmed.back.said}`; // prettier-ignore
    return { code: 1, shown: confirmed, words };
  },
  rollback: async ({ firewall }: Asked): Promise<Outcome> => {
    const back = await firewall.rollBack();
    return { code: back.ok ? 0 : 1, shown: back, words: back.says };
  },
  verify: async ({ policy, values }: Asked): Promise<Outcome> => {
    if (values.here) {
      const live = await verifyHere(await policy(), ownAddresses(), ownAddresses());
      const undeclared = live.listening.filter(({ declared }) => !declared);
      const words = [
        `${live.probes} connections tried to this machine's own addresses (over loopback: what listens, not what the rules do)`,
        ...undeclared.map(({ address, port }) => `✖ something listens on ${address} port ${port}, which no listener declares`), // prettier-ignore
        ...live.missing.map((port) => `- nobody listens on port ${port}, which is declared`),
      ];
      return { code: undeclared.length === 0 ? 0 : 6, shown: live, words: words.join('\n') };
    }
    const verified = await verifyInNamespace(await policy());
    const words = [`${verified.probes} probes from outside, ${verified.findings.length} findings`, ...verified.findings.map(({ says }) => `✖ ${says}`)]; // prettier-ignore
    return { code: verified.findings.length === 0 ? 0 : 6, shown: verified, words: words.join('\n') };
  },
  block: async ({ firewall, policy, values, operands }: Asked): Promise<Outcome> => {
    // sudo hides the session: who says from where they ask is not blocked either
    const asking = values.operator === undefined ? sshSession() : operatorOf(values);
    const asked = {
      address: one(operands),
      seconds: secondsOf(values, 3600, 30 * 86_400),
      reason: values.reason,
      ...(asking === null ? {} : { by: asking.address }),
    };
    const blocked = await firewall.block(await policy(), asked);
    if (!blocked.ok) return { code: 3, shown: blocked, words: `✖ ${blocked.refusal.says}\n  ${blocked.refusal.hint}` };
    return { code: 0, shown: blocked, words: `✔ ${asked.address} is blocked until ${blocked.until.toISOString()}` };
  },
  unblock: async ({ firewall, operands }: Asked): Promise<Outcome> => {
    const said = await firewall.unblock(one(operands));
    return { code: said.ok ? 0 : 1, shown: said, words: said.says };
  },
  blocks: async ({ firewall }: Asked): Promise<Outcome> => {
    const blocks = (await firewall.blocks()).map(({ span, seconds, reason }) => ({ network: spanText(span), seconds, reason })); // prettier-ignore
    return { code: 0, shown: { blocks }, words: blocks.map((each) => `${each.network.padEnd(44)} ${String(each.seconds).padStart(8)} s  ${each.reason}`).join('\n') || 'nothing is blocked' }; // prettier-ignore
  },
} as const;
