/** For tests: two servers with an administrator, a customer, and people who come in by an invitation. */
import assert from 'node:assert/strict';

import { comeInUntaught, twoSystems, type CameIn, type TwoSystems } from './testing.ts';

export const PURPOSE = 'service.support';
export type Invited = CameIn & Readonly<{ id: string; email: string }>;
export type Staffed = Readonly<{
  two: TwoSystems;
  admin: CameIn;
  recordId: string;
  subjectId: string;
  /** Somebody new in these roles; of themselves they have learnt nothing. */
  somebody: (roles: readonly string[], come?: typeof comeInUntaught) => Promise<Invited>;
  /** How many came in so. */
  invited: () => number;
}>;

/** @param second settings of the second server alone */
export async function staffedSystems(second: Readonly<Record<string, string>> = {}): Promise<Staffed> {
  const two = await twoSystems(second);
  const admin = await comeInUntaught(two, two.systems[0].firstLink as string, { email: 'root@example.org', name: 'Root' });
  const { key } = await two.newKey('application');
  const { body: record } = await two.call('POST', '/v1/vault/records', {
    key, purpose: PURPOSE,
    body: { collection: 'customer', subject: { externalId: 'c-1' }, fields: { last_name: 'Ada', company: 'Analytical' } },
  });
  let count = 0;
  return {
    invited: () => count,
    two,
    admin,
    recordId: record.id as string,
    subjectId: record.subjectId as string,
    somebody: async (roles, come = comeInUntaught) => {
      count += 1;
      const about = { email: `p${count}@example.org`, name: `P ${count}`, roles };
      const { status, body } = await two.call('POST', '/v1/access/people', { cookie: admin.cookie, body: about });
      assert.equal(status, 201, JSON.stringify(body));
      return { ...(await come(two, body.token as string)), id: body.id as string, email: about.email };
    },
  };
} // prettier-ignore
