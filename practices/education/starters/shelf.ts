/** The texts that a company begins with, and may change or replace: read from the folders beside this file. */
import { readdirSync, readFileSync } from 'node:fs';

import { once } from '#platform/once';

import { collectFaults, faultText, type Read } from '../content/fault.ts';
import { linksOf } from '../content/tree.ts';
import { readDrill, type Drill } from '../drills/drill.ts';
import { readExercise, type Exercise } from '../exercises/exercise.ts';
import { readPlaybook, type Playbook } from '../incidents/playbook.ts';
import { readLesson, type Lesson } from '../lessons/lesson.ts';
import { readPhishTemplate, type PhishTemplate } from '../phishing/template.ts';
import { readPolicy, type Policy } from '../policies/policy.ts';
import { readQuiz, type Quiz } from '../quiz/quiz.ts';

export type Shelf = Readonly<{
  lessons: readonly Lesson[];
  quizzes: readonly Quiz[];
  exercises: readonly Exercise[];
  policies: readonly Policy[];
  phishing: readonly PhishTemplate[];
  playbooks: readonly Playbook[];
  drills: readonly Drill[];
}>;

const HERE = new URL('./', import.meta.url);

/** All that is read, and one line for each fault; a text with a fault is not on the shelf. What is shipped does not change: once is enough. */
export const readShelf: () => Readonly<{ shelf: Shelf; faults: readonly string[] }> = once(() => {
  const faults: string[] = [];
  const all = <T extends Readonly<{ id: string }>>(name: string, read: (source: string) => Read<T>): readonly T[] => {
    const one = readFolder(name, read);
    faults.push(...one.faults);
    return one.found;
  };
  const shelf: Shelf = {
    lessons: all('lessons', readLesson),
    quizzes: all('quizzes', readQuiz),
    exercises: all('exercises', readExercise),
    policies: all('policies', readPolicy),
    phishing: all('phishing', readPhishTemplate),
    playbooks: all('playbooks', readPlaybook),
    drills: all('drills', readDrill),
  };
  // what is missing because it was not read was told already
  return { shelf, faults: faults.length > 0 ? faults : looseEnds(shelf) };
});

/** Of one kind alone: not all that is shipped is read where mails are sent. */
export const shippedMails: () => readonly PhishTemplate[] = once(() => readFolder('phishing', readPhishTemplate).found);
export const shippedPlaybooks: () => readonly Playbook[] = once(() => readFolder('playbooks', readPlaybook).found);

function readFolder<T extends Readonly<{ id: string }>>(name: string, read: (source: string) => Read<T>) {
  const faults: string[] = [];
  const files = readdirSync(new URL(`${name}/`, HERE)).filter((file) => !file.startsWith('.'));
  const found = files.toSorted().flatMap((file) => {
    const path = `${name}/${file}`;
    const text = read(readFileSync(new URL(path, HERE), 'utf8'));
    if (!text.ok) faults.push(...text.faults.map((fault) => faultText(fault, path)));
    else if (file.slice(0, file.lastIndexOf('.')) !== text.value.id) faults.push(`${path}: its id is ${text.value.id} (give the file its name)`);
    else return [text.value];
    return [];
  });
  return { found, faults };
} // prettier-ignore

/** The file of a phishing mail as it is. */
export const sourceOfStarter = (id: string): string => readFileSync(new URL(`phishing/${id}.md`, HERE), 'utf8');

/** What a text points at and is not there. */
function looseEnds({ lessons, quizzes, exercises, policies }: Shelf): readonly string[] {
  const ids = (all: readonly Readonly<{ id: string }>[]): ReadonlySet<string> => new Set(all.map(({ id }) => id));
  const known = { lesson: ids(lessons), policy: ids(policies), quiz: ids(quizzes), exercise: ids(exercises) };
  const texts = [
    ...lessons.map((each) => ({ path: `lessons/${each.id}.md`, sections: each.sections })),
    ...policies.map((each) => ({ path: `policies/${each.id}.md`, sections: each.sections })),
  ];
  const links = texts.flatMap(({ path, sections }) => {
    const { report, faults } = collectFaults();
    for (const { to, line } of linksOf(sections.flatMap(({ blocks }) => blocks)))
      if ((to.kind === 'lesson' || to.kind === 'policy') && !known[to.kind].has(to.id)) report(line, `there is no ${to.kind} ${to.id}`, 'correct the link'); // prettier-ignore
    return faults.map((fault) => faultText(fault, path));
  });
  const named = lessons.flatMap(({ id, quiz, exercises: tasks, practises, requires }) => [
    ...(known.quiz.has(quiz) ? [] : [`lessons/${id}.md: there is no quiz ${quiz}`]),
    ...[...tasks, ...practises]
      .filter((each) => !known.exercise.has(each))
      .map((each) => `lessons/${id}.md: there is no exercise ${each}`),
    ...requires.filter((each) => !known.lesson.has(each)).map((each) => `lessons/${id}.md: there is no lesson ${each}`),
  ]);
  return [...links, ...named];
}
