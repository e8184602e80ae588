/**
 * A course of ours as a zip for another learning system: the lesson as it was published, its quiz with the key, our scripts.
 * The same versions give the same bytes.
 */
import type { Lesson } from '../lessons/lesson.ts';
import { neededOf } from '../quiz/grade.ts';
import type { Quiz } from '../quiz/quiz.ts';
import type { Version } from '../texts/library.ts';
import { zipOf, type ZipFile } from '#platform/zip';

import { CMI5_SCRIPT } from './cmi5-script.ts';
import { COURSE_SCRIPT } from './course-script.ts';
import { GRADE_SCRIPT } from './grade-script.ts';
import { cmi5Structure, imsManifest, LAUNCH, type PackageAbout } from './manifests.ts';
import { packagePage } from './page.ts';
import { readMe } from './read-me.ts';
import { SCORM_SCRIPT } from './scorm-script.ts';
import { PACKAGE_STYLE } from './style.ts';
import { wordsFor } from './words.ts';

export const PACKAGE_KINDS = ['scorm12', 'cmi5'] as const;
export type PackageKind = (typeof PACKAGE_KINDS)[number];

type File = Readonly<{ name: string; text: string }>;
export type Exported = Readonly<{ lesson: Version<'lesson'>; quiz: Version<'quiz'> }>;

/** @param site address of this installation @returns files in the order in which they stand in the zip, the manifest first */
export function packageFiles(as: PackageKind, { lesson: version, quiz: asked }: Exported, site: string): readonly File[] {
  const [lesson, quiz] = [version.text(), asked.text()];
  const scripts: readonly File[] = [
    { name: 'quiz.js', text: quizScript(lesson, quiz) },
    { name: 'grade.js', text: GRADE_SCRIPT },
    { name: 'report.js', text: as === 'scorm12' ? SCORM_SCRIPT : CMI5_SCRIPT },
    { name: 'course.js', text: COURSE_SCRIPT },
  ];
  const pages: readonly File[] = [
    { name: LAUNCH, text: packagePage(lesson, quiz, as === 'scorm12' ? "'none'" : 'http: https:') },
    { name: 'style.css', text: PACKAGE_STYLE },
    ...scripts,
  ];
  const about: PackageAbout = {
    id: version.id, title: lesson.title, locale: lesson.locale, minutes: lesson.minutes, seq: version.seq,
    needed: neededOf(quiz, quiz.draw), asked: quiz.draw, files: [...pages.map(({ name }) => name), 'README.txt'],
  };
  return [
    as === 'scorm12' ? { name: 'imsmanifest.xml', text: imsManifest(about) } : { name: 'cmi5.xml', text: cmi5Structure(about, site) },
    ...pages,
    { name: 'README.txt', text: readMe(as, lesson, about, version.hash) },
  ];
} // prettier-ignore

/** JSON is JavaScript; what ends a script element in HTML ends nothing in a file of its own. */
function quizScript({ locale }: Lesson, quiz: Quiz): string {
  const { draw, questions } = quiz;
  const course = { words: wordsFor(locale), needed: neededOf(quiz, draw), quiz: { draw, questions } };
  return `'use strict';\nglobalThis.strongroomCourse = ${JSON.stringify(course, null, 1)};\n`;
}

export async function coursePackage(as: PackageKind, of: Exported, site: string): Promise<Buffer> {
  const files = packageFiles(as, of, site);
  // the time is the one of the newer text: no clock of whoever exports is in it
  const at = new Date(Math.max(of.lesson.publishedAt.getTime(), of.quiz.publishedAt.getTime()));
  const parts: Buffer[] = [];
  for await (const piece of zipOf(zipFiles(files, at))) parts.push(piece);
  return Buffer.concat(parts);
}

async function* zipFiles(files: readonly File[], at: Date): AsyncGenerator<ZipFile> {
  for (const { name, text } of files) yield { name, at, content: once(Buffer.from(text)) };
}
async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
