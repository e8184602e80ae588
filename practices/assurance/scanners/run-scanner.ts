/**
 * One scanner as a process: a list of arguments and no shell, an environment of its own, a folder that is gone afterwards, an
 * end after so many minutes and so many bytes. What it started ends with it.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Scanner, Target } from './scanner.ts';

export type Ran = Readonly<{ ok: true; report: Buffer } | { ok: false; because: string }>;
export type Limits = Readonly<{ ms: number; bytes: number }>;

/** What importers read at most. */
export const MOST_BYTES = 32 * 2 ** 20;
const AFTER_MS = 2000;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** @param stop ends it at once */
export async function runScanner(scanner: Scanner, program: string, target: Target, { ms, bytes }: Limits, stop: AbortSignal): Promise<Ran> {
  const folder = await mkdtemp(join(tmpdir(), 'sr-scan-'));
  try {
    for (const [name, text] of Object.entries(scanner.brings?.(target) ?? {})) await writeFile(join(folder, name), text);
    const ended = await carry(program, scanner.ask(target, folder), folder, { ms, bytes }, stop);
    if (ended.because !== null) return { ok: false, because: ended.because };
    const report = scanner.reads === 'output' ? ended.output : await reportIn(folder, bytes);
    if (report === null) return { ok: false, because: `it left no report, or one of more than ${bytes} bytes` };
    if (!scanner.isWell(ended.code)) return { ok: false, because: `it ended with code ${ended.code}` };
    if (!scanner.reached(report.toString('utf8'), target)) return { ok: false, because: 'it did not reach its target: that it found nothing says nothing' };
    return { ok: true, report };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
} // prettier-ignore

type Ended = Readonly<{ code: number; output: Buffer; because: string | null }>;

function carry(program: string, args: readonly string[], folder: string, { ms, bytes }: Limits, stop: AbortSignal): Promise<Ended> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let [size, because] = [0, null as string | null];
    const child = spawn(program, [...args], { cwd: folder, env: { PATH, HOME: folder, TMPDIR: folder, LANG: 'C.UTF-8' }, stdio: ['ignore', 'pipe', 'ignore'], detached: true, shell: false });
    /** With all that it started: some of them are shell scripts. */
    const killAll = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // nobody is left
      }
    };
    const end = (why: string): void => {
      because ??= why;
      killAll();
    };
    const timer = setTimeout(() => end(`it took more than ${Math.round(ms / 1000)} s`), ms);
    const stopped = (): void => end('it was stopped');
    stop.addEventListener('abort', stopped, { once: true });
    if (stop.aborted) stopped();
    child.stdout.on('data', (part: Buffer) => {
      if ((size += part.length) > bytes) end(`it said more than ${bytes} bytes`);
      else parts.push(part);
    });
    const done = (code: number): void => {
      clearTimeout(timer);
      stop.removeEventListener('abort', stopped);
      resolve({ code, output: Buffer.concat(parts), because });
    };
    child.on('error', (thrown: NodeJS.ErrnoException) => {
      because ??= `it could not be started (${thrown.code ?? 'unknown'})`;
      done(-1);
    });
    child.on('exit', () => {
      killAll();
      // one that left the group may hold what it prints to
      setTimeout(() => child.stdout.destroy(), AFTER_MS).unref();
    });
    child.on('close', (code) => done(code ?? -1));
  });
} // prettier-ignore

async function reportIn(folder: string, most: number): Promise<Buffer | null> {
  const file = await open(join(folder, 'report'), 'r').catch(() => null);
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    return size > most ? null : await file.readFile();
  } finally {
    await file.close();
  }
}
