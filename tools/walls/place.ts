/**
 * Where a file stands: the walls are about folders, so everything starts from a path.
 */
import { posix } from 'node:path';

export type Place = Readonly<{
  /** Path from the project's root, `/` between parts. */
  path: string;
  /** First folder: `platform`, `practices`, `server`, … ; empty for a file in the root. */
  area: string;
  /** The folder that owns the file: `platform/audit`, `practices/vault`, otherwise the area. */
  home: string;
  /** Path below `home`, without extension: `http`, `store/records`, `kms/aws.test`. */
  inside: string;
  isTest: boolean;
}>;

/** Tests, parts of tests (`….tests.ts`, called by the test file that has their set-up), and what several of them stand on: `testing.ts` and `testing-….ts` of the platform's parts, practices and the server, and server/faults with its running server. */
const TEST =
  /\.(tests?|spec)\.tsx?$|^(?:platform|practices)\/(?:[^/]+\/)+testing(?:-[a-z]+)?\.ts$|^server\/(?:testing(?:-[a-z]+)?\.ts$|faults\/)/;
const NESTED = new Set(['platform', 'practices', 'web']);

export function placeOf(path: string): Place {
  const parts = path.split('/');
  const area = parts.length > 1 ? (parts[0] as string) : '';
  const depth = NESTED.has(area) && parts.length > 2 ? 2 : area === '' ? 0 : 1;
  const inside = parts.slice(depth).join('/');
  return {
    path,
    area,
    home: parts.slice(0, depth).join('/'),
    inside: inside.replace(/\.(ts|tsx|js|mjs)$/, ''),
    isTest: TEST.test(path) || area === 'e2e' || area === 'vectors',
  };
}

/** The place a relative specifier leads to, or null for a package or `#…` specifier. */
export function relativeTarget(from: Place, specifier: string): Place | null {
  if (!specifier.startsWith('.')) return null;
  return placeOf(posix.normalize(posix.join(posix.dirname(from.path), specifier)));
}

/** True when the file is the edge called `name`: `name.ts` or a file in `name/`, directly under its home. */
export function isEdge(place: Place, name: string): boolean {
  return place.inside === name || place.inside.startsWith(`${name}/`);
}
