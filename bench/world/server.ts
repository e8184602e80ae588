/** A Strongroom server as a process of its own, as it runs in production: `node server/main.ts serve`. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { childEnvironment } from '#platform/config';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export type Server = Readonly<{
  url: string;
  home: string;
  pid: number;
  adminKey: string;
  keyFor: (role: string) => Promise<string>;
  stop: () => Promise<void>;
}>;

export async function startServer({
  home,
  databaseUrl,
  flags = [],
}: {
  home: string;
  databaseUrl: string;
  flags?: readonly string[];
}): Promise<Server> {
  const child = spawn(process.execPath, [...flags, join(ROOT, 'server/main.ts'), 'serve'], {
    stdio: ['ignore', 'inherit', 'pipe'],
    env: childEnvironment({ STRONGROOM_HOME: home, STRONGROOM_PORT: '0', DATABASE_URL: databaseUrl }),
  });
  const url = await urlOf(child);
  const adminKey = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
  return {
    url,
    home,
    pid: child.pid as number,
    adminKey,
    keyFor: async (role) => {
      const made = await fetch(`${url}/v1/access/keys`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: `bench ${role}`, role }),
      });
      return ((await made.json()) as { key: string }).key;
    },
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** The line in its log that says it is open; afterwards only warnings are passed on. */
function urlOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it was open`)));
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => {
      const entry = line.startsWith('{') ? (JSON.parse(line) as { url?: string; level: number }) : { level: 50 };
      if (typeof entry.url === 'string') resolve(entry.url);
      else if (entry.level >= 40) process.stderr.write(`  server: ${line}\n`);
    });
  });
}

/** Resident memory of a process in MiB; NaN where there is no /proc. */
export async function residentMib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** CPU seconds a process has used so far, all threads; with the children it has waited for. NaN where there is no /proc. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

/** The same for a process and all its living children: PostgreSQL and its backends. */
export async function familyCpuSeconds(pid: number): Promise<number> {
  const tasks = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const own = await cpuSeconds(pid);
  const children = await Promise.all(tasks.split(' ').filter(Boolean).map(Number).map(cpuSeconds));
  return children.reduce((sum, seconds) => sum + seconds, own);
}
