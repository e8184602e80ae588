/** Programs as processes of their own, with the memory that they and their children took at most. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';

import { childEnvironment } from '#platform/config';

import { residentMib } from '../world/server.ts';

export type Account = Readonly<{ uid: number; gid: number }> | null;
export type Ran = Readonly<{ seconds: number; peakMib: number; stdout: string }>;

const SAMPLE_MS = 50;

/** A process and all that it started, in MiB. */
export async function familyMib(pid: number): Promise<number> {
  const tasks = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const own = await residentMib(pid);
  const children = await Promise.all(tasks.split(' ').filter(Boolean).map(Number).map(familyMib));
  return children.reduce((sum, mib) => sum + (Number.isNaN(mib) ? 0 : mib), Number.isNaN(own) ? 0 : own);
}

/** Looks at it again and again. @returns ends the looking, with the most there was */
export function watchPeak(of: () => Promise<number>): () => number {
  let most = 0;
  let looking = false;
  const look = async (): Promise<void> => {
    const mib = await of();
    // it has ended meanwhile
    most = Number.isNaN(mib) ? most : Math.max(most, mib);
    looking = false;
  };
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    look().catch(() => undefined);
  }, SAMPLE_MS);
  return () => {
    clearInterval(timer);
    return most;
  };
}

/** @throws Error with what it said when it ends with another code than 0 */
export async function command(
  program: string,
  args: readonly string[],
  { account = null, env = {}, input = '', onLine = () => {}, counted = 'family' }: {
    account?: Account;
    env?: Readonly<Record<string, string>>;
    input?: string;
    /** Of standard error. */
    onLine?: (line: string) => void;
    /** Whose memory: pages that PostgreSQL's processes share would count many times. */
    counted?: 'family' | 'itself';
  } = {},
): Promise<Ran> {
  const began = performance.now();
  const child = spawn(program, [...args], { ...account, cwd: '/', env: childEnvironment(env), stdio: ['pipe', 'pipe', 'pipe'] });
  const peak = watchPeak(() => (counted === 'family' ? familyMib : residentMib)(child.pid as number));
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = `${stderr}${chunk.toString()}`.slice(-4000);
    for (const line of chunk.toString().split('\n')) if (line !== '') onLine(line);
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  const peakMib = peak();
  if (code !== 0) throw new Error(`${program} ${args[0] ?? ''} ended with ${code}: ${stderr.slice(-600)} ${stdout.slice(-300)}`);
  return { seconds: (performance.now() - began) / 1000, peakMib, stdout };
} // prettier-ignore
