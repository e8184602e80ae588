/**
 * The policies of this server's memory, by version. Which version holds is never remembered: it comes with each key that
 * is looked up. A version never changes, so one that is here cannot be stale.
 */
import type { Db } from '#platform/db';
import { publicId, type Uuid } from '#platform/ids';

import { openEngine, type Engine, type EngineOptions } from './engine.ts';
import { documentHash, type PolicyDocument } from './policy-document.ts';
import { accessFailure } from './failures.ts';
import { findVersion } from './store/policies.ts';

export type PolicyShelf = Readonly<{
  /** Fetches and opens it, unless it is here. @throws ACCESS_POLICY_NOT_FOUND */
  load: (version: Uuid) => Promise<Engine>;
  /** By its public id; undefined when it is not here (any more). */
  get: (id: string) => Engine | undefined;
}>;

export const versionText = (version: Uuid): string => publicId('pol', version);

/** More than one for requests that began before a change; the one used longest ago goes. */
const KEPT = 8;

export function createPolicyShelf(db: Db, options: EngineOptions): PolicyShelf {
  const engines = new Map<string, Promise<Engine>>();
  const ready = new Map<string, Engine>();

  const fetch = async (version: Uuid): Promise<Engine> => {
    const row = await findVersion(db, version);
    if (row === null) throw accessFailure('POLICY_NOT_FOUND');
    const engine = openEngine(JSON.parse(row.document) as PolicyDocument, options);
    // PostgreSQL checked the hash when it was stored; whoever changed both since is found by the log, which has it too
    if (documentHash(row.document) !== row.hash.toString('hex')) throw accessFailure('POLICY_CHANGED');
    return engine;
  };
  return {
    get: (id) => ready.get(id),
    load: (version) => {
      const id = versionText(version);
      const known = engines.get(id);
      const here = ready.get(id);
      if (here !== undefined) {
        ready.delete(id);
        ready.set(id, here);
      }
      if (known !== undefined) return known;
      const loading = fetch(version).then(
        (engine) => {
          ready.set(id, engine);
          if (ready.size > KEPT) {
            const [oldest] = ready.keys() as Iterable<string> as [string];
            ready.get(oldest)?.close();
            ready.delete(oldest);
            engines.delete(oldest);
          }
          return engine;
        },
        (thrown: unknown) => {
          engines.delete(id);
          throw thrown;
        },
      );
      engines.set(id, loading);
      return loading;
    },
  };
}
