/** The practice as one object. */
import type { Audit } from '#platform/audit';
import type { Db } from '#platform/db';

import type { By } from './by.ts';
import { allVersions } from './store/versions.ts';
import { libraryOf, type Library, type Version } from './texts/library.ts';
import { publishStarters, publishText, type ToPublish } from './texts/publish.ts';

export type EducationNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  audit: Pick<Audit, 'appendIn'>;
}>;

export type Education = {
  /** Publishes the shipped texts that are not there yet. */
  begin: () => Promise<void>;
  /** What was published, as of now. */
  library: () => Promise<Library>;
  /** @throws EDUCATION_TEXT_INVALID, EDUCATION_TEXT_CHANGED */
  publish: (by: By, wanted: ToPublish) => Promise<Version>;
};

export function createEducation(needs: EducationNeeds): Education {
  const { db } = needs;
  return {
    begin: () => publishStarters(needs),
    library: async () => libraryOf(await allVersions(db)),
    publish: (by, wanted) => publishText(needs, by, wanted),
  };
}
