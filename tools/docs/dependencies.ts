/**
 * Every direct dependency has its line of reason in docs/adr/dependencies.md, and no line outlives its dependency.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const GROUPS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/** @returns one sentence for each fault */
export function dependencyFaults(root: string): readonly string[] {
  const wanted = new Set<string>();
  const read = (path: string): Record<string, Record<string, string>> & { workspaces?: string[] } =>
    JSON.parse(readFileSync(join(root, path), 'utf8'));
  const top = read('package.json');
  for (const path of ['package.json', ...(top.workspaces ?? []).map((folder) => `${folder}/package.json`)]) {
    const json = read(path);
    for (const group of GROUPS) for (const name of Object.keys(json[group] ?? {})) wanted.add(name);
  }
  const own = new Set((top.workspaces ?? []).map((folder) => nameOf(root, folder)));
  const text = readFileSync(join(root, 'docs/adr/dependencies.md'), 'utf8');
  const explained = new Map<string, string>();
  for (const match of text.matchAll(/^\| (`[^|]+`) \|([^|]*)\|/gm)) {
    for (const name of (match[1] as string).matchAll(/`([^`]+)`/g))
      explained.set(name[1] as string, (match[2] as string).trim());
  }
  return [
    ...[...wanted]
      .filter((name) => !own.has(name) && (explained.get(name) ?? '').length < 8)
      .map((name) => `docs/adr/dependencies.md gives no reason for ${name}`),
    ...[...explained.keys()]
      .filter((name) => !wanted.has(name))
      .map((name) => `docs/adr/dependencies.md explains ${name}, which is no dependency`),
  ];
}

function nameOf(root: string, folder: string): string {
  return (JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { name: string }).name;
}
