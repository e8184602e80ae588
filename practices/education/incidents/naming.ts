/** Who stands behind pseudonyms: nobody can say by these themselves, so those who live are gone through, once for a scope. */
import { uuidText, type SubjectId, type Uuid } from '#platform/ids';

export type NamingNeeds = Readonly<{
  livingAfter: (after: SubjectId | null, limit: number) => Promise<readonly SubjectId[]>;
  livingOf: (subjects: readonly SubjectId[]) => Promise<ReadonlySet<SubjectId>>;
  pseudonymOf: (subject: SubjectId) => string;
  clock: () => Date;
}>;
type Names = ReadonlyMap<Uuid, SubjectId>;

const SUBJECTS = 5000;
/** Pages of one scope are read one after the other; nothing is kept for longer than that takes. */
const KEPT_MS = 5 * 60_000;
const MOST_KEPT = 4;

export type Naming = {
  /** @param all pseudonyms of the scope. @returns who lives of this page: who was erased meanwhile is not among them */
  of: (scope: Uuid, page: readonly Uuid[], all: () => Promise<ReadonlySet<Uuid>>) => Promise<Names>;
};

export function createNaming(needs: NamingNeeds): Naming {
  const kept = new Map<Uuid, Readonly<{ at: number; names: Promise<Names> }>>();
  return {
    of: async (scope, page, all) => {
      const now = needs.clock().getTime();
      for (const [id, { at }] of kept) if (now - at > KEPT_MS || now < at) kept.delete(id);
      let found = kept.get(scope);
      if (found === undefined) {
        found = { at: now, names: all().then((pseudonyms) => whoAre(pseudonyms, needs)) };
        kept.set(scope, found);
        found.names.catch(() => kept.delete(scope));
        for (const id of [...kept.keys()].slice(0, -MOST_KEPT)) kept.delete(id);
      }
      const names = await found.names;
      const here = page.flatMap((pseudonym): [Uuid, SubjectId][] => {
        const subject = names.get(pseudonym);
        return subject === undefined ? [] : [[pseudonym, subject]];
      });
      const living = await needs.livingOf(here.map(([, subject]) => subject));
      return new Map(here.filter(([, subject]) => living.has(subject)));
    },
  };
}

async function whoAre(pseudonyms: ReadonlySet<Uuid>, { livingAfter, pseudonymOf }: NamingNeeds): Promise<Names> {
  const found = new Map<Uuid, SubjectId>();
  for (let after: SubjectId | null = null; found.size < pseudonyms.size;) {
    const page: readonly SubjectId[] = await livingAfter(after, SUBJECTS);
    for (const subject of page) {
      const pseudonym = uuidText(Buffer.from(pseudonymOf(subject), 'base64url'));
      if (pseudonyms.has(pseudonym)) found.set(pseudonym, subject);
    }
    after = page.at(-1) ?? null;
    if (after === null) break;
  }
  return found;
}
