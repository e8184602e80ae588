/** What changes in why a field is held, how long, and who else receives it: all of it is what subjects are told. */
import type { FieldPurpose, FieldSpec, Limit, Retention } from './catalog.ts';
import { canonicalJson } from './catalog-version.ts';
import type { Add } from './diff-catalogs.ts';

export function diffRecipients(path: string, before: FieldSpec, after: FieldSpec, add: Add): void {
  for (const recipient of after.recipients)
    if (!before.recipients.includes(recipient))
      add(`${path}.recipients`, 'recipient-added', 'notice', `a new recipient: ${recipient}`);
  for (const recipient of before.recipients)
    if (!after.recipients.includes(recipient))
      add(`${path}.recipients`, 'recipient-gone', 'notice', `no longer given to ${recipient}`);
}

export function diffPurposes(
  path: string,
  before: readonly FieldPurpose[],
  after: readonly FieldPurpose[],
  add: Add,
): void {
  for (const purpose of before)
    if (!after.some((one) => one.id === purpose.id))
      add(`${path}.purposes`, 'purpose-gone', 'notice', `no longer held for ${purpose.id}`);
  for (const purpose of after) {
    const was = before.find((one) => one.id === purpose.id);
    if (was === undefined) add(`${path}.purposes`, 'purpose-added', 'notice', `now also held for ${purpose.id}`);
    else diffPurpose(`${path}.purposes`, was, purpose, add);
  }
}

function diffPurpose(path: string, before: FieldPurpose, after: FieldPurpose, add: Add): void {
  const { id } = after;
  if (before.legalBasis !== after.legalBasis || before.art9 !== after.art9)
    add(path, 'legal-basis', 'notice', `the legal basis changed for ${id}`);
  else if (before.requiresConsent !== after.requiresConsent)
    add(path, 'consent', 'notice', `${id} ${after.requiresConsent ? 'needs' : 'no longer needs'} consent`);
  if (canonicalJson(before.retention) !== canonicalJson(after.retention)) {
    const kind = kindOfRetention(before.retention, after.retention);
    add(
      path,
      kind,
      'notice',
      `${SAYS[kind]} for ${id}: ${retentionText(before.retention)} → ${retentionText(after.retention)}`,
    );
  }
}

/** A law that is no longer kept to, or newly is, takes values away, or keeps them, whatever the purposes say. */
export function diffLimits(path: string, before: FieldSpec, after: FieldSpec, add: Add): void {
  for (const which of ['floor', 'ceiling'] as const)
    if (canonicalJson(before[which]) !== canonicalJson(after[which]))
      add(`${path}.${which}`, which, 'notice', `kept at ${which === 'floor' ? 'least' : 'most'}: ${limitText(before[which])} → ${limitText(after[which])}`); // prettier-ignore
}

const limitText = (limit: Limit | null): string =>
  limit === null ? 'no law' : `${limit.for} after ${limit.after} (${limit.law})`;

const SAYS = {
  'retention-longer': 'kept longer',
  'retention-shorter': 'kept shorter',
  retention: 'the retention changed',
} as const;

/** Two periods compare when they start at the same event and end in the same action. */
function kindOfRetention(before: Retention, after: Retention): keyof typeof SAYS {
  const days = ({ period }: Retention): number => period.years * 365.25 + period.months * 30.4375 + period.days;
  if (before.after !== after.after || before.action !== after.action || days(before) === days(after))
    return 'retention';
  return days(after) > days(before) ? 'retention-longer' : 'retention-shorter';
}

const retentionText = ({ after, for: period, action }: Retention): string => `${action} ${period} after ${after}`;
