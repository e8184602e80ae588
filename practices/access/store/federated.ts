/** Statements on who a person is for another provider. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export async function findFederated(db: Statements, issuer: string, subject: string): Promise<Uuid | null> {
  const [row] = await db<{ person_id: Uuid }[]>`
    select person_id from access.federated where issuer = ${issuer} and subject = ${subject}`;
  return row?.person_id ?? null;
}

/** Only for who was invited and has not come in yet: they are active then. @returns false when there is no such person */
export async function linkInvited(tx: Statements, issuer: string, subject: string, email: string): Promise<boolean> {
  const linked = await tx`
    with invited as (
      update access.people set state = 'active' where email = ${email} and state = 'invited' returning person_id
    ), closed as (
      delete from access.links where person_id in (select person_id from invited) and used_at is null
    )
    insert into access.federated (issuer, subject, person_id) select ${issuer}, ${subject}, person_id from invited
    on conflict do nothing`;
  return linked.count === 1;
}

export async function isFederated(db: Statements, personId: Uuid): Promise<boolean> {
  return (await db`select 1 from access.federated where person_id = ${personId} limit 1`).length === 1;
}
