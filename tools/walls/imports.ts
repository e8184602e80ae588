/**
 * The walls between folders, W1 to W6 of ARCHITECTURE.md, as one pure question: may this file import that?
 */
import { isBuiltin } from 'node:module';

import { isEdge, relativeTarget, type Place } from './place.ts';

export type ImportKind = 'value' | 'type';

/** Folders of programs and checks that stand outside the product and may start or ask the server. */
const OUTSIDE = new Set(['tools', 'bench', 'e2e']);
const WEB_FRAMEWORK = /^(fastify|@fastify\/.+|fastify-.+)$/;
const DATABASE_DRIVER = /^(postgres|pg|mysql2)(\/.*)?$/;

/** The scan's readers are the CLI's, its detectors the practice's: one file of the server puts them together, where no value leaves. */
const SCAN_STARTS = 'server/scan-command.ts';
const SCAN_READS = 'cli/scan/index.ts';

/**
 * @param specifier as written in the source
 * @returns what is wrong, beginning with the wall's name; null when the import is allowed
 */
export function importBreach(from: Place, specifier: string, kind: ImportKind): string | null {
  const alias = /^#(platform|practices)\/(.+)$/.exec(specifier);
  if (alias) return aliasBreach(from, alias[1] as 'platform' | 'practices', alias[2] as string, kind);
  const target = relativeTarget(from, specifier);
  return target === null ? packageBreach(from, specifier) : relativeBreach(from, target);
}

function aliasBreach(from: Place, area: 'platform' | 'practices', name: string, kind: ImportKind): string | null {
  const door = `${area}/${name}`;
  if (name.includes('/')) return `W5: only a folder's door is reachable: import #${area}/${name.split('/')[0]}`;
  if (from.area === 'sdk') return 'W6: sdk imports nothing but node built-ins';
  if (from.area === 'cli' || from.area === 'web' || from.area === 'examples') {
    return `W6: ${from.area} reaches the system through @strongroom/sdk, never ${specifierOf(door)}`;
  }
  if (from.area === 'platform' && area === 'practices')
    return `W1: platform never imports a practice (${specifierOf(door)})`;
  if (name === 'testing' && area === 'platform' && !mayUseTesting(from)) {
    return 'W3: #platform/testing is for tests, tools and bench, never for what runs in production';
  }
  if (from.area === 'practices' && area === 'practices' && door !== from.home && kind === 'value' && !from.isTest) {
    return `W2: from another practice only \`import type\`: take ${specifierOf(door)} as a function in needs`;
  }
  if (door === from.home && !from.isTest) return `W3: inside ${from.home} import the file itself, not its own door`;
  return null;
}

function relativeBreach(from: Place, target: Place): string | null {
  if (target.path.startsWith('..')) return 'W3: an import leaves the project';
  if (target.isTest && !from.isTest && ['platform', 'practices', 'server'].includes(target.area))
    return 'W3: a test and what it stands on are never for what runs in production';
  if (target.home === from.home && target.area === from.area) return null;
  if (from.path === SCAN_STARTS && target.path === SCAN_READS) return null;
  if (target.area === 'server') {
    return OUTSIDE.has(from.area) ? null : 'W6: nobody imports server';
  }
  if (from.area === 'sdk') return 'W6: sdk imports nothing but node built-ins';
  if (from.home === 'web/center' && target.home === 'web/console') return 'W6: center never imports console';
  if (from.area === 'web' && target.home === 'web/ui') return null;
  if (target.area === 'sdk') return 'W6: import @strongroom/sdk by its package name';
  if (from.area === 'platform' && target.area === 'practices')
    return `W1: platform never imports a practice (${target.home})`;
  if (target.path === 'package.json' || (from.isTest && (target.area === 'vectors' || target.area === 'examples'))) {
    return null;
  }
  return `W3: across folders only #platform/x or #practices/x, not a path into ${target.home || 'the root'}`;
}

function packageBreach(from: Place, specifier: string): string | null {
  if (specifier.startsWith('#') && !specifier.startsWith('#platform') && !specifier.startsWith('#practices')) {
    return `W3: ${specifier} is not one of #platform/x, #practices/x`;
  }
  if (isBuiltin(specifier)) return null;
  if (from.area === 'sdk' && !from.isTest) return `W6: sdk imports nothing but node built-ins (${specifier})`;
  if (specifier === '@strongroom/sdk' && (from.area === 'platform' || from.area === 'practices') && !from.isTest) {
    return `W6: ${from.area} does not know the sdk`;
  }
  if (WEB_FRAMEWORK.test(specifier) && !mayHoldRoutes(from)) {
    return `W4: the web framework (${specifier}) only in http.ts or http/, platform/http and server`;
  }
  if (DATABASE_DRIVER.test(specifier) && !mayHoldDriver(from)) {
    return `W4: the database driver (${specifier}) only in platform/db: take a Db in needs`;
  }
  return null;
}

function mayHoldRoutes(from: Place): boolean {
  if (from.isTest || OUTSIDE.has(from.area) || from.area === 'server' || from.home === 'platform/http') return true;
  return (from.area === 'platform' || from.area === 'practices') && isEdge(from, 'http');
}

/** The CLI reads live PostgreSQL and MySQL tables as import sources, in files named after the database. */
export function isImportSource(from: Place): boolean {
  return from.area === 'cli' && /(postgres|mysql|mariadb)/.test(from.inside);
}

function mayHoldDriver(from: Place): boolean {
  if (from.isTest || OUTSIDE.has(from.area) || isImportSource(from)) return true;
  return from.home === 'platform/db' || from.home === 'platform/testing';
}

function mayUseTesting(from: Place): boolean {
  return from.isTest || OUTSIDE.has(from.area) || isEdge(from, 'conformance') || from.inside.endsWith('/conformance');
}

function specifierOf(door: string): string {
  return `#${door}`;
}
