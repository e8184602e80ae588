/** Publishing a text: one version after the other, each on top of the one that its author had before their eyes. */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Statements } from '#platform/db';

import { educationFailure } from '../failures.ts';
import type { ContentFault } from '../content/fault.ts';
import type { By } from '../by.ts';
import { noteChange } from '../store/changes.ts';
import { allVersions, holdVersions, insertVersion, type TextKind } from '../store/versions.ts';
import { libraryOf, type Library, type Version } from './library.ts';
import { readText, type AnyText } from './read-text.ts';
import { starterSources } from './starter-sources.ts';

export type ToPublish = Readonly<{
  kind: TextKind;
  source: string;
  /** Hash of the newest version, which this one replaces; null: there is none yet. */
  replaces: string | null;
  /** Whether it changes what people do; of a policy, the text says so itself. */
  material: boolean;
}>;

export type PublishNeeds = Readonly<{ db: Db; clock: () => Date; audit: Pick<Audit, 'appendIn'> }>;

/** @throws EDUCATION_TEXT_INVALID with each fault, EDUCATION_TEXT_CHANGED when somebody was faster */
export async function publishText({ db, clock, audit }: PublishNeeds, by: By, wanted: ToPublish): Promise<Version<TextKind>> {
  const { kind, source, replaces } = wanted;
  const found = readText(kind, source);
  if (!found.ok) throw educationFailure('TEXT_INVALID', { extra: { faults: found.faults } });
  const { id, hash } = found.value;
  const material = isMaterial(found.value) ?? wanted.material;
  return transact(db, async (tx) => {
    await holdVersions(tx);
    const library = libraryOf(await allVersions(tx));
    const faults = looseEnds(library, found.value);
    if (faults.length > 0) throw educationFailure('TEXT_INVALID', { extra: { faults } });
    const before = library.newest(kind, id);
    // versions are in the order of their numbers, whatever the clocks of those servers say that published them
    const published_at = new Date(Math.max(clock().getTime(), (before?.publishedAt.getTime() ?? 0) + 1));
    if ((before?.hash ?? null) !== replaces) throw educationFailure('TEXT_CHANGED');
    const seq = (before?.seq ?? 0) + 1;
    // two that publish at once have the same number, and one of them finds it taken
    if (!(await insertVersion(tx, { ...rowOf(found.value, kind), seq, material, source, published_by: by.actor.id, published_at })))
      throw educationFailure('TEXT_CHANGED');
    await noteChange(tx, null);
    await audit.appendIn(tx, {
      action: 'education.text.publish', actor: by.actor, outcome: 'done', requestId: by.requestId,
      detail: { kind, text: id, seq, hash, material, replaces: replaces ?? '' },
    });
    return libraryOf(await allVersions(tx)).newest(kind, id) as Version<TextKind>;
  });
} // prettier-ignore

/** A lesson without its quiz could never be passed; a quiz of two lessons would be one try for both. */
function looseEnds(library: Library, text: AnyText): readonly ContentFault[] {
  if (!('quiz' in text)) return [];
  if (library.newest('package', text.id) !== null)
    return [{ line: 1, path: 'id', says: `there is a course ${text.id} that was made elsewhere`, hint: 'give the lesson another id' }];
  const fault = (says: string, hint: string): ContentFault => ({ line: 1, path: 'quiz', says, hint });
  if (library.newest('quiz', text.quiz) === null)
    return [fault(`there is no quiz ${text.quiz}`, 'publish the quiz first, then the lesson')];
  const other = library.all('lesson').find((each) => each.id !== text.id && each.isReadable() && each.text().quiz === text.quiz);
  if (other === undefined) return [];
  return [fault(`the quiz ${text.quiz} is the one of ${other.id}`, 'each lesson has a quiz of its own')];
} // prettier-ignore

const rowOf = (text: AnyText, kind: TextKind) => ({ kind, text_id: text.id, hash: text.hash, locale: text.locale });

/** A drill that was played holds as long as it said: another story takes it from nobody. */
const isMaterial = (text: AnyText): boolean | null =>
  'acknowledge' in text ? text.material : 'injects' in text ? false : null;

/** Puts the shipped texts where there is none of their name yet; what a company has published stays. */
export async function publishStarters({ db, clock, audit }: PublishNeeds): Promise<void> {
  const starters = starterSources();
  const missing = async (tx: Statements) => {
    const library = libraryOf(await allVersions(tx));
    // a course made elsewhere keeps its name
    const isTaken = ({ kind, id }: (typeof starters)[number]): boolean =>
      library.newest(kind, id) !== null || (kind === 'lesson' && library.newest('package', id) !== null);
    return starters.filter((each) => !isTaken(each));
  };
  if ((await missing(db)).length === 0) return;
  await transact(db, async (tx) => {
    const put: string[] = [];
    for (const { kind, source } of await missing(tx)) {
      const found = readText(kind, source);
      if (!found.ok) continue;
      const text = found.value;
      const row = { ...rowOf(text, kind), seq: 1, material: false, source, published_by: 'system', published_at: clock() };
      // servers that start at once: one of them puts it there
      if (await insertVersion(tx, row)) put.push(`${kind} ${text.id} ${text.hash}`);
    }
    if (put.length === 0) return;
    await noteChange(tx, null);
    await audit.appendIn(tx, {
      action: 'education.text.publish', actor: { kind: 'system', id: 'installation' }, outcome: 'done', detail: { texts: put },
    });
  });
} // prettier-ignore
