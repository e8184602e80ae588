/**
 * Statements that take away what would tell, of an exercise in groups, whose a link was: order on disk, numbers of
 * transactions, times to the second, names of mails.
 */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

/** Of groups that ended before, with nothing of them on its way; held until the transaction ends. */
export async function claimTied(tx: Statements, before: Date): Promise<Uuid | null> {
  const [row] = await tx<{ campaign_id: Uuid }[]>`
    select campaign_id from education.campaigns c
    where mode = 'groups' and state <> 'counted' and not untied and coalesce(stopped_at, until_at) < ${before}
      and not exists (select from education.phish_targets t where t.campaign_id = c.campaign_id and t.state in ('planned', 'queued'))
    order by until_at limit 1 for update skip locked`;
  return row?.campaign_id ?? null;
}

/** Written anew in one statement, in any order. */
export async function shuffleTargets(tx: Statements, id: Uuid): Promise<void> {
  await tx`
    with gone as (delete from education.phish_targets where campaign_id = ${id} returning *)
    insert into education.phish_targets (campaign_id, person_id, role, zone, due_at, state)
    select campaign_id, person_id, role, zone, due_at, state from gone order by random()`;
}

export async function untieTokens(tx: Statements, id: Uuid): Promise<void> {
  const { count } = await tx`select from education.campaigns where campaign_id = ${id} and not untied for update`;
  // another server did
  if (count === 0) return;
  await tx`
    insert into education.phish_minutes (campaign_id, minutes)
    select ${id}, round(e.minutes / 5.0)::int * 5 from education.phish_events e join education.phish_tokens t using (token_hash)
    where t.campaign_id = ${id} and e.minutes is not null order by random()`;
  await tx`
    update education.phish_events e set minutes = null from education.phish_tokens t
    where t.token_hash = e.token_hash and t.campaign_id = ${id} and e.minutes is not null`;
  const tokens = await tx<{ token_hash: Buffer }[]>`
    select token_hash from education.phish_tokens where campaign_id = ${id} order by random()`;
  // one by one: a single statement would write them in the order in which they left
  for (const { token_hash } of tokens)
    await tx`
      update education.phish_tokens set mail_id = null, queued_at = date_trunc('day', queued_at, 'UTC'), sent_at = date_trunc('day', sent_at, 'UTC')
      where token_hash = ${token_hash}`;
  await tx`update education.campaigns set untied = true where campaign_id = ${id}`;
} // prettier-ignore
