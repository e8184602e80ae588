/**
 * What a program can be asked for that the policies which hold permit to nobody: an installation keeps its policies through
 * an upgrade, and a newer program asks for more.
 */
import type { Statements } from '#platform/db';

import { ACTIONS, type Action } from './actions.ts';
import { readPolicy } from './cedar.ts';
import { cedarSchema } from './cedar-schema.ts';
import { openSlices } from './slices.ts';
import { rolesOf, type PolicyDocument } from './policy-document.ts';
import { versionText } from './policy-shelf.ts';
import { starterDocument } from './starter.ts';
import { activeVersion, findVersion } from './store/policies.ts';

export type PolicyGaps = Readonly<{
  version: string;
  /** Permitted to nobody, in the order of the program's list. */
  missing: readonly Action[];
  /** The document was made by another program's schema: the next version needs the present one. */
  isSchemaOld: boolean;
  /** The document that holds, with the schema of this program and the missing actions as the starter has them: to propose. */
  completed: PolicyDocument;
}>;

/** @returns null where no policies hold yet */
export async function policyGaps(db: Statements): Promise<PolicyGaps | null> {
  const version = await activeVersion(db);
  const row = version === null ? null : await findVersion(db, version);
  if (version === null || row === null) return null;
  return { version: versionText(version), ...gapsOf(JSON.parse(row.document) as PolicyDocument) };
}

/** `permit (principal in Role::"x", action in [Action::"a", …], resource) when …`, as the starter writes a role's actions. */
const ROLE_MAY = /^permit \(principal in Role::"([^"]+)", action in \[([^\]]+)\], resource\)([\s\S]*)$/;

export function gapsOf(document: PolicyDocument): Omit<PolicyGaps, 'version'> {
  const missing = missingOf(document);
  const added: Record<string, string> = {};
  for (const [id, text] of Object.entries(starterDocument().policies)) {
    const [, role = '', actions = '', rest = ''] = ROLE_MAY.exec(text) ?? [];
    // what somebody took away on purpose stays away: of a policy only what nobody has comes back
    const wanted = missing.filter((action) => actions.includes(`Action::"${action}"`));
    if (wanted.length === 0 || !Object.hasOwn(document.roles, role)) continue;
    const list = wanted.map((action) => `Action::"${action}"`).join(', ');
    added[Object.hasOwn(document.policies, id) ? `${id}-added` : id] =
      `permit (principal in Role::"${role}", action in [${list}], resource)${rest}`;
  }
  return {
    missing,
    isSchemaOld: document.schema !== cedarSchema(),
    completed: { ...document, schema: cedarSchema(), policies: { ...document.policies, ...added } },
  };
}

function missingOf({ roles, policies, ...document }: PolicyDocument): Action[] {
  const parsed = new Map(Object.entries(policies).flatMap(([id, text]) => {
    const policy = readPolicy(text);
    return policy === null ? [] : [[id, policy] as const];
  })); // prettier-ignore
  const known = Object.fromEntries([...parsed.keys()].map((id) => [id, policies[id] as string]));
  const slices = openSlices(known, parsed);
  const closures = Object.keys(roles).map((role) => rolesOf({ ...document, roles, policies }, role));
  const missing = ACTIONS.filter((action) => !closures.some((held) => slices.canPermit(held, action)));
  slices.close();
  return missing;
}
