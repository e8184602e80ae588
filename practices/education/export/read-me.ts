/** README.txt of a package: for whoever uploads it. What cannot travel is said here and nowhere else in it. */
import { linksOf } from '../content/tree.ts';
import type { Lesson } from '../lessons/lesson.ts';
import type { PackageAbout } from './manifests.ts';

export function readMe(as: 'scorm12' | 'cmi5', lesson: Lesson, about: PackageAbout, hash: string): string {
  const places = lesson.sections
    .flatMap(({ blocks }) => linksOf(blocks))
    .flatMap(({ to }) => (to.kind === 'lesson' || to.kind === 'policy' ? [`${to.kind} ${to.id}`] : []));
  const list = (ids: readonly string[]): string => [...new Set(ids)].join(', ');
  const lines = [
    `${about.title} (${about.id}), version ${about.seq}`,
    `Text: ${hash}`,
    '',
    as === 'scorm12' ? 'SCORM 1.2, one SCO. Upload the zip as it is.' : 'cmi5, one assignable unit. Upload the zip as it is.',
    `Passed with ${about.needed} of ${about.asked} questions. A session is one try; opening the course again asks other questions.`,
    '',
    'IT CONTAINS THE KEY',
    'The questions are graded by the page, in the browser of who takes the course. All questions, their right answers and',
    'the reasons are in quiz.js: whoever can download the files can read them, and can make the page say that they passed.',
    'Do not use its result to decide about access to data where that matters.',
    '',
    'LEFT OUT',
    lesson.practises.length + lesson.exercises.length === 0
      ? 'This course has no exercises on the system itself.'
      : `Exercises on the system itself, graded by its audit log: ${list([...lesson.practises, ...lesson.exercises])}.`,
    ...(lesson.practises.length === 0 ? [] : [`Where it comes from, the course is not passed without ${list(lesson.practises)}; here it is.`]),
    places.length === 0 ? 'Links to places of the console are plain words here.' : `Links to other texts (${list(places)}) and to places of the console are plain words here.`,
    'Signing of policies: a signature stands in the log of the installation, and has no place in a package.',
    ...(lesson.requires.length === 0 ? [] : [`Courses that come before this one: ${list(lesson.requires)}.`]),
    'Waiting after three tries: how often the course can be opened is up to the learning system.',
    '',
    'Nothing in it reaches another server than the learning system’s own.',
  ];
  return `${lines.join('\n')}\n`;
} // prettier-ignore
