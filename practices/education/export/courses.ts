/**
 * Courses that leave as packages. A package has the key of its quiz in it, so whoever may read that may take it, and nobody else;
 * what left, to whom and which bytes it was is in the log before they go.
 */
import { createHash } from 'node:crypto';

import type { Audit } from '#platform/audit';

import type { By } from '../by.ts';
import { educationFailure } from '../failures.ts';
import type { Gate } from '../standing/gate.ts';
import { coursePackage, type PackageKind } from './course-package.ts';
import { exportFailure } from './failures.ts';

export type CourseExports = {
  /**
   * The newest version that was published, and the newest quiz.
   * @throws EDUCATION_TEXT_NOT_FOUND, EDUCATION_NOT_OURS, EDUCATION_TEXT_INVALID, AUDIT_UNAVAILABLE
   */
  package: (by: By, course: string, as: PackageKind) => Promise<Readonly<{ fileName: string; zip: Buffer }>>;
};

type CourseExportNeeds = Readonly<{
  audit: Pick<Audit, 'append'>;
  gate: Gate;
  /** Address of this installation. */
  site: string;
}>;

export const createCourseExports = ({ audit, gate, site }: CourseExportNeeds): CourseExports => ({
  package: async (by, course, as) => {
    await gate.refresh();
    const library = await gate.library();
    const lesson = library.newest('lesson', course);
    if (lesson === null && library.newest('package', course) !== null) throw exportFailure('NOT_OURS');
    if (lesson === null) throw educationFailure('TEXT_NOT_FOUND');
    const quiz = library.newest('quiz', lesson.text().quiz);
    if (quiz === null) throw educationFailure('TEXT_NOT_FOUND');
    const zip = await coursePackage(as, { lesson, quiz }, site);
    await audit.append({
      action: 'education.course.export', actor: by.actor, outcome: 'done', requestId: by.requestId,
      detail: {
        course, as, seq: lesson.seq, lesson: lesson.hash, quiz: quiz.hash, bytes: zip.length,
        sha256: createHash('sha256').update(zip).digest('hex'),
      },
    });
    return { fileName: `${course}-${lesson.seq}-${as}.zip`, zip };
  },
}); // prettier-ignore
