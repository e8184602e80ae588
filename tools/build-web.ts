/**
 * `npm run build`, and the last step of `npm ci`: makes the console's files and the consent widget in web/dist. Where the tools for it are left
 * out (`npm ci --omit=dev`), files that are there already stay as they are.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
if (existsSync(join(root, 'node_modules/vite'))) {
  const { build } = await import('vite');
  await build({ configFile: join(root, 'web/vite.config.ts'), logLevel: 'warn' });
  await build({ configFile: join(root, 'web/vite.widget.config.ts'), logLevel: 'warn' });
  for (const mode of ['tcf', 'tcf-stub', 'gpp', 'gpp-stub'])
    await build({ configFile: join(root, 'web/vite.iab.config.ts'), mode, logLevel: 'warn' });
  console.log('the console is in web/dist/console, the consent widget in web/dist/widget');
} else console.log('the console was not built: its tools are not installed');
