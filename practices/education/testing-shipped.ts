/** For tests: shipped lessons with their quizzes, as versions that were published, without a database. */
import { libraryOf, type Version } from './texts/library.ts';
import { readText } from './texts/read-text.ts';
import { starterSources } from './texts/starter-sources.ts';

const AT = new Date('2026-03-01T09:00:00Z');

export type ShippedCourse = Readonly<{ lesson: Version<'lesson'>; quiz: Version<'quiz'> }>;

export function shippedCourses(): readonly ShippedCourse[] {
  const library = libraryOf(
    starterSources().flatMap(({ kind, source }) => {
      const found = kind === 'lesson' || kind === 'quiz' ? readText(kind, source) : null;
      if (found?.ok !== true) return [];
      const { id, hash, locale } = found.value;
      return [{ kind, text_id: id, seq: 1, hash, locale, material: false, source, published_by: 'system', published_at: AT }];
    }),
  ); // prettier-ignore
  return library.all('lesson').flatMap((lesson) => {
    const quiz = library.newest('quiz', lesson.text().quiz);
    return quiz === null ? [] : [{ lesson, quiz }];
  });
}

export function shippedCourse(id = 'phishing'): ShippedCourse {
  const found = shippedCourses().find(({ lesson }) => lesson.id === id);
  if (found === undefined) throw new Error(`no lesson ${id} is shipped`);
  return found;
}
