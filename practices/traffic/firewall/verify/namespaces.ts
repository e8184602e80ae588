/**
 * Two network namespaces joined by a cable (veth(4)): the machine inside, everybody else outside. Made and removed here;
 * the machine's own network has no part in it, and no packet leaves. It takes root and iproute2.
 */
import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';

import { runProgram, type NftCommand } from '../nft.ts';
import type { Listening, Probing } from './in-namespace.ts';
import type { Seen } from './probe.ts';

/** Set aside for tests of network devices (RFC 2544), and a unique local one (RFC 4193). */
const INSIDE = { 4: '198.18.77.1', 6: 'fd5a:7274:6f6e:67::1' } as const;
const OUTSIDE = { 4: '198.18.77.2', 6: 'fd5a:7274:6f6e:67::2' } as const;
const PROGRAM = new URL('in-namespace.ts', import.meta.url).pathname;

export type Namespaces = Readonly<{
  /** Runs nft inside. */
  nft: NftCommand;
  /** Where the machine inside is reached. */
  target: (family: 4 | 6) => string;
  /** Lets the outside have these addresses as well. */
  addSources: (addresses: readonly string[]) => Promise<void>;
  /** Until the namespaces are removed. */
  listen: (ports: Listening) => Promise<void>;
  probe: (probing: Probing) => Promise<readonly Seen[]>;
}>;

/** @throws when namespaces cannot be made; they are removed in any case */
export async function withNamespaces<T>(work: (made: Namespaces) => Promise<T>): Promise<T> {
  const id = randomBytes(4).toString('hex');
  const [inside, outside] = [`strongroom-in-${id}`, `strongroom-out-${id}`];
  const listeners: AbortController[] = [];
  try {
    await ip(`netns add ${inside}\nnetns add ${outside}\n`);
    await ip(`link add inner type veth peer name outer netns ${outside}\n`, inside);
    await ip(cabled('inner', INSIDE), inside);
    await ip(cabled('outer', OUTSIDE), outside);
    return await work({
      nft: ['ip', 'netns', 'exec', inside, 'nft'],
      target: (family) => INSIDE[family],
      addSources: async (addresses) => {
        const others = addresses.filter((each) => each !== OUTSIDE[4] && each !== OUTSIDE[6]);
        const bits = (address: string): string => (address.includes(':') ? '128' : '32');
        const dad = (address: string): string => (address.includes(':') ? ' nodad' : '');
        await ip(others.map((each) => `addr replace ${each}/${bits(each)} dev outer${dad(each)}\n`).join(''), outside);
        await ip(others.map((each) => `route replace ${each}/${bits(each)} dev inner\n`).join(''), inside);
      },
      listen: async (ports) => {
        const stop = new AbortController();
        listeners.push(stop);
        await startListening(inside, ports, stop.signal);
      },
      probe: async (probing) => {
        const ran = await runProgram(['ip', 'netns', 'exec', outside, process.execPath, PROGRAM, 'probe'], JSON.stringify(probing)); // prettier-ignore
        if (ran.code !== 0) throw new Error(`the probe failed: ${ran.stderr.slice(0, 500)}`);
        return JSON.parse(ran.stdout) as readonly Seen[];
      },
    });
  } finally {
    for (const each of listeners) each.abort();
    for (const name of [inside, outside]) await runProgram(['ip', 'netns', 'del', name], '');
  }
}

const cabled = (link: string, address: Readonly<{ 4: string; 6: string }>): string =>
  `addr add ${address[4]}/24 dev ${link}\naddr add ${address[6]}/64 dev ${link} nodad\nlink set ${link} up\nlink set lo up\n`;

async function ip(batch: string, namespace?: string): Promise<void> {
  const ran = await runProgram(['ip', ...(namespace === undefined ? [] : ['-n', namespace]), '-batch', '-'], batch);
  if (ran.code !== 0) throw new Error(`no network namespaces here: ${ran.stderr.trim().slice(0, 500)}`);
}

function startListening(inside: string, ports: Listening, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const args = ['netns', 'exec', inside, process.execPath, PROGRAM, 'listen'];
    const child = spawn('ip', args, { stdio: 'pipe', signal, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(0, 500)));
    child.stdout.once('data', () => resolve());
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`nothing listens inside: ${said}`)));
    child.stdin.on('error', () => undefined);
    child.stdin.write(`${JSON.stringify(ports.map(({ port, protocol }) => ({ port, protocol })))}\n`);
  });
}
