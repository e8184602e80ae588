/** `strongroom vault import`, as a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { childEnvironment } from '#platform/config';

import { cpuSeconds, ROOT } from './server.ts';
import { FIELDS } from './people.ts';

export type Imported = Readonly<{ created: number; rejected: number; seconds: number; cpuSeconds: number }>;

export async function importByCli({ path, url, key }: { path: string; url: string; key: string }): Promise<Imported> {
  const map = `${path}.map.yaml`;
  await writeFile(
    map,
    `schema: strongroom/import-map/1\ncollection: customer\nexternalId: {column: customer_id}\ncolumns:\n${FIELDS.map((field) => `  ${field}: ${field}\n`).join('')}`,
  );
  const child = spawn(
    process.execPath,
    [join(ROOT, 'cli/main.ts'), 'vault', 'import', path, '--map', map, '--url', url, '--json'],
    { stdio: ['ignore', 'pipe', 'inherit'], env: childEnvironment({ STRONGROOM_KEY: key }) },
  );
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  let cpu = 0;
  const watch = setInterval(
    () => void cpuSeconds(child.pid as number).then((seconds) => (cpu = Number.isNaN(seconds) ? cpu : seconds)),
    100,
  );
  const [code] = (await once(child, 'close')) as [number];
  clearInterval(watch);
  if (code !== 0) throw new Error(`vault import ended with ${code}: ${said}`);
  return { ...(JSON.parse(said) as Omit<Imported, 'cpuSeconds'>), cpuSeconds: cpu };
}
