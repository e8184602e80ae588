/** Courses made elsewhere: taken in, listed, and whether passing one is enough for a role. */
import type { Readable } from 'node:stream';

import type { Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';

import type { By } from '../by.ts';
import { educationFailure } from '../failures.ts';
import { noteChange } from '../store/changes.ts';
import { countingRows, hasPackage, sayCounting } from '../store/packages.ts';
import { allVersions, holdVersions, insertVersion } from '../store/versions.ts';
import type { Gate } from '../standing/gate.ts';
import { libraryOf, type Version } from '../texts/library.ts';
import type { Package } from './package.ts';
import { withPackage } from './take-in.ts';

export type PackageToTake = Readonly<{
  id: string;
  /** Hash of the newest version, which this one replaces; null: there is none yet. */
  replaces: string | null;
  material: boolean;
  locale: string;
  /** Null: until a version comes that changes what people do. */
  validityDays: number | null;
  minutes: number;
  upload: Readable;
}>;
export type PackageListed = Readonly<{ version: Version<'package'>; counts: boolean }>;

export type Packages = {
  /** @throws EDUCATION_PACKAGE_INVALID, EDUCATION_PACKAGE_TOO_LARGE, EDUCATION_TEXT_CHANGED, EDUCATION_TEXT_TAKEN */
  take: (by: By, wanted: PackageToTake) => Promise<PackageListed>;
  list: () => Promise<readonly PackageListed[]>;
  /** From the next request on. @throws EDUCATION_TEXT_NOT_FOUND */
  sayCounts: (by: By, course: string, counts: boolean) => Promise<void>;
};

type PackageNeeds = Readonly<{ db: Db; audit: Pick<Audit, 'appendIn'>; gate: Gate }>;

export function createPackages({ db, audit, gate }: PackageNeeds): Packages {
  const counting = async (): Promise<ReadonlySet<string>> =>
    new Set((await countingRows(db)).filter(({ counts }) => counts).map(({ course }) => course));
  return {
    list: async () => {
      await gate.refresh();
      const [library, counts] = await Promise.all([gate.library(), counting()]);
      return library.all('package').map((version) => ({ version, counts: counts.has(version.id) }));
    },
    take: (by, { id, replaces, material, locale, validityDays, minutes, upload }) =>
      withPackage(upload, async ({ manifest, hash, files, sizeBytes, store }) => {
        const version = await transact(db, async (tx) => {
          await holdVersions(tx);
          const library = libraryOf(await allVersions(tx));
          // a course is one thing, whatever it is made of
          if (library.newest('lesson', id) !== null) throw educationFailure('TEXT_TAKEN');
          const before = library.newest('package', id);
          if ((before?.hash ?? null) !== replaces) throw educationFailure('TEXT_CHANGED');
          if (!(await hasPackage(tx, hash))) await store(tx);
          const source: Package = { ...manifest, id, hash, locale, validityDays, minutes, files, sizeBytes };
          const seq = (before?.seq ?? 0) + 1;
          const published_at = new Date(Math.max(gate.now().getTime(), (before?.publishedAt.getTime() ?? 0) + 1));
          const row = { kind: 'package' as const, text_id: id, seq, hash, locale, material, source: JSON.stringify(source), published_by: by.actor.id, published_at };
          if (!(await insertVersion(tx, row))) throw educationFailure('TEXT_CHANGED');
          await noteChange(tx, null);
          await audit.appendIn(tx, {
            action: 'education.package.publish', actor: by.actor, outcome: 'done', requestId: by.requestId,
            detail: { course: id, seq, hash, material, schema: manifest.schema, files, bytes: sizeBytes, replaces: replaces ?? '' },
          });
          return libraryOf(await allVersions(tx)).newest('package', id) as Version<'package'>;
        });
        // who took it in goes on with it at once
        await gate.refresh();
        return { version, counts: (await counting()).has(id) };
      }),
    sayCounts: async (by, course, counts) => {
      await gate.refresh();
      if ((await gate.library()).newest('package', course) === null) throw educationFailure('TEXT_NOT_FOUND');
      await transact(db, async (tx) => {
        await sayCounting(tx, { course, counts, said_by: by.actor.id, said_at: gate.now() });
        await noteChange(tx, null);
        await audit.appendIn(tx, { action: 'education.package.counts', actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { course, counts } });
      });
    },
  };
} // prettier-ignore
