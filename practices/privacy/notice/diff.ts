/** What changed between two notices, by what a person would want to know: names of messages, and of texts to fill in. */
import type { MessageKey } from './en.ts';
import type { FieldFacts, NoticeFacts } from './facts.ts';

export type NoticeChange = Readonly<{ says: MessageKey & `diff.${string}`; what: string }>;

export function diffNotices(before: NoticeFacts, after: NoticeFacts): readonly NoticeChange[] {
  const changes: NoticeChange[] = [];
  const add = (says: NoticeChange['says'], what: string): void => {
    if (!changes.some((each) => each.says === says && each.what === what)) changes.push({ says, what });
  };
  const both = <T>(one: readonly T[], other: readonly T[], keyOf: (item: T) => string, gone: (key: string) => void, fresh: (key: string) => void) => {
    const [a, b] = [new Map(one.map((each) => [keyOf(each), each])), new Map(other.map((each) => [keyOf(each), each]))];
    for (const key of a.keys()) if (!b.has(key)) gone(key);
    for (const key of b.keys()) if (!a.has(key)) fresh(key);
    return [...b].flatMap(([key, now]) => (a.has(key) ? [[key, a.get(key) as T, now] as const] : []));
  }; // prettier-ignore

  for (const name of ['controller', 'contact', 'regions', 'epochDays'] as const)
    if (JSON.stringify(before[name]) !== JSON.stringify(after[name])) add('diff.setting', `setting.${name}`);
  const purposes = both(before.purposes, after.purposes, ({ id }) => `purpose.${id}`, (key) => add('diff.nopurpose', key), (key) => add('diff.purpose', key)); // prettier-ignore
  for (const [key, was, now] of purposes)
    if (was.basis !== now.basis || was.choice !== now.choice || was.sharedForAds !== now.sharedForAds)
      add('diff.basis', key);
  const fields = both(fieldsOf(before), fieldsOf(after), ([key]) => key, (key) => add('diff.nofield', key), (key) => add('diff.field', key)); // prettier-ignore
  for (const [key, [, was], [, now]] of fields) diffField(key, was, now, add);
  return changes;
}

const fieldsOf = ({ collections }: NoticeFacts): (readonly [string, FieldFacts])[] =>
  collections.flatMap(({ name, fields }) => fields.map((field) => [`field.${name}.${field.name}`, field] as const));

function diffField(key: string, was: FieldFacts, now: FieldFacts, add: (says: NoticeChange['says'], what: string) => void): void {
  for (const each of now.recipients) if (!was.recipients.includes(each)) add('diff.recipient', `recipient.${each}`);
  for (const each of was.recipients) if (!now.recipients.includes(each)) add('diff.norecipient', `recipient.${each}`);
  for (const purpose of now.purposes) {
    const before = was.purposes.find(({ id }) => id === purpose.id);
    if (before === undefined) add('diff.purpose', `purpose.${purpose.id}`);
    else if (JSON.stringify(before.kept) !== JSON.stringify(purpose.kept)) add('diff.retention', key);
    else if (before.basis !== purpose.basis || before.art9 !== purpose.art9) add('diff.basis', key);
  }
  for (const { id } of was.purposes) if (!now.purposes.some((each) => each.id === id)) add('diff.nopurpose', `purpose.${id}`);
  if (was.class !== now.class || was.source !== now.source || was.category !== now.category || was.portable !== now.portable)
    add('diff.setting', key);
} // prettier-ignore
