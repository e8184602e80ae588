/**
 * Where a run of tests keeps what it throws away: databases, homes, profiles of browsers. A new database is two thousand
 * small files, and each test file has one: in memory they cost a twentieth of what they cost on a disk.
 */
import { readFileSync, rmSync, statfsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
const GIB = 2 ** 30;
/** A whole run holds two of them at its peak. */
const LEAST_FREE = 6 * GIB;
/** And leaves the tests theirs. */
const LEAST_AVAILABLE = 10 * GIB;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export type Room = Readonly<{ folder: string; close: () => Promise<void> }>;

/** @param memory a file system that is held in memory. @returns a new folder in it where there is plenty, else among the temporary ones */
export async function openRoom(
  memory = MEMORY,
  least = { free: LEAST_FREE, available: LEAST_AVAILABLE },
): Promise<Room> {
  const folder = await mkdtemp(join(isRoomy(memory, least) ? memory : tmpdir(), 'sr-'));
  // embedded PostgreSQL runs as another account where the tests are root
  await chmod(folder, 0o755);
  const gone = { recursive: true, force: true, maxRetries: 5, retryDelay: 200 };
  // who breaks a run off does not want to pay for it in memory until the machine is restarted
  const breakOff = (signal: NodeJS.Signals): void => {
    try {
      rmSync(folder, gone);
    } finally {
      process.kill(process.pid, signal);
    }
  };
  // also where a run cannot even begin
  const atExit = (): void => rmSync(folder, gone);
  process.once('exit', atExit);
  for (const signal of SIGNALS) process.once(signal, breakOff);
  const close = async (): Promise<void> => {
    for (const signal of SIGNALS) process.off(signal, breakOff);
    await rm(folder, gone);
    process.off('exit', atExit);
  };
  return { folder, close };
}

function isRoomy(memory: string, least: Readonly<{ free: number; available: number }>): boolean {
  try {
    // tests write programs and run them
    const mounts = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '));
    if (mounts.some(([, at, , options = '']) => at === memory && options.split(',').includes('noexec'))) return false;
    const { bavail, bsize } = statfsSync(memory);
    const available = /^MemAvailable: +(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    return bavail * bsize >= least.free && Number(available) * 1024 >= least.available;
  } catch {
    // another system, or none of it here
    return false;
  }
}
