/**
 * `npm run build -w sdk -- [folder]`: the package as it is published: JavaScript and declarations, for Node 20 and browsers,
 * with a package.json of its own. The workspace itself runs the sources.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const folder = resolve(process.argv[2] ?? join(here, 'dist'));

rmSync(folder, { recursive: true, force: true });
const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
execFileSync(process.execPath, [compiler, '-p', join(here, 'tsconfig.build.json'), '--outDir', folder], {
  stdio: 'inherit',
});

const {
  scripts: _,
  files: __,
  ...manifest
} = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')) as Record<string, unknown>;
const door = (name: string) => ({ types: `./${name}.d.ts`, default: `./${name}.js` });
const published = {
  ...manifest,
  exports: { '.': door('index'), './choices': door('choices'), './intake': door('intake') },
  sideEffects: false,
};
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
copyFileSync(join(here, 'README.md'), join(folder, 'README.md'));
process.stdout.write(`${folder}\n`);
