/** Starts the bare server as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { childEnvironment } from '#platform/config';

export type BareServer = Readonly<{ url: string; pid: number; stop: () => Promise<void> }>;

export async function startBare(databaseUrl: string): Promise<BareServer> {
  const child = spawn(process.execPath, [new URL('bare-server.ts', import.meta.url).pathname, databaseUrl], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: childEnvironment({}),
  });
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    url,
    pid: child.pid as number,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}
