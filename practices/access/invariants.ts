/**
 * Rules that hold whatever the policies say: each is looked for in every decision there is, and a document that breaks
 * one is refused.
 */
import type { DataClass } from '#practices/collection';

import { DATA_ACTIONS, READING_ACTIONS, type Action } from './actions.ts';
import { upTo } from './classes.ts';
import { covers, NOTHING, SUPPLIED, UNKNOWN } from './facts.ts';
import type { Cell, Matrix } from './matrix.ts';
import type { PolicyDocument, Role } from './policy-document.ts';
import type { Reach } from './surroundings.ts';
import { askedOf } from './training.ts';

export type Broken = Readonly<{
  rule: string;
  says: string;
  /** Cells that break it: the first few, and how many. */
  where: readonly string[];
  count: number;
}>;

const SHOWN = 5;
const isLegal = (purpose: string): boolean => covers('legal', purpose);

/** @param reach values that the settings of this installation supply */
export function brokenRules(document: PolicyDocument, matrix: Matrix, reach: Reach = {}): readonly Broken[] {
  const cells = [...matrix.cells.values()];
  const broken: Broken[] = [];
  const rule = (name: string, says: string, bad: readonly string[]): void => {
    if (bad.length > 0) broken.push({ rule: name, says, where: bad.slice(0, SHOWN), count: bad.length });
  };
  const where = (breaks: (cell: Cell) => boolean): string[] => cells.filter(breaks).map(named);
  const holders = (action: Action): Set<string> =>
    new Set(cells.filter((cell) => cell.action === action && cell.outcome === 'allowed').map(({ role }) => role));

  rule('policies-evaluate', 'every policy can be evaluated for every question', matrix.failing);
  rule(
    'ceiling',
    'no role reveals a class above its clearUpTo, nor under a grant one above what it may ask for',
    where(
      ({ outcome, dataClass, role, facts }) =>
        outcome === 'clear' && dataClass !== null && !upTo(ceiling(document.roles[role], facts.grant), dataClass),
    ),
  );
  for (const [name, actions] of [
    ['administrators', ['keys.manage', 'people.manage']],
    ['custodians', ['keys.rotate']],
  ] as const) {
    const roles = new Set(actions.flatMap((action) => [...holders(action)]));
    rule(
      `${name}-see-no-customer`,
      `whose role includes ${actions.join(' or ')} reads no customer`,
      where(
        ({ role, action: asked, outcome }) =>
          roles.has(role) && READING_ACTIONS.includes(asked) && outcome !== 'denied',
      ),
    );
  }
  const untaught = (role: string): boolean => askedOf(document, role) === 'nothing';
  rule(
    'training',
    "a role that may do something with customers' data requires a course or a policy, or is for programs alone",
    where(
      ({ role, action, outcome, dataClass }) =>
        dataClass === null &&
        outcome === 'allowed' &&
        (DATA_ACTIONS as readonly string[]).includes(action) &&
        untaught(role),
    ),
  );
  const provisioners = holders('people.provision');
  rule(
    'provisioners-do-nothing-else',
    'whose role includes people.provision may nothing else',
    where(
      ({ role, action, outcome }) => provisioners.has(role) && action !== 'people.provision' && outcome !== 'denied',
    ),
  );
  rule(
    'purpose-limitation',
    'a field leaves only for a purpose it was declared for, or for a legal one',
    where(
      ({ dataClass, facts, purpose, outcome }) =>
        dataClass !== null && facts.declared !== true && !isLegal(purpose) && outcome !== 'denied',
    ),
  );
  rule(
    'restriction',
    "a restricted subject's data is read for legal purposes only",
    // where no policy looks at it, a cell holds for both values
    where(
      ({ action, facts, purpose, outcome }) =>
        READING_ACTIONS.includes(action) &&
        facts.restricted !== false &&
        purpose !== NOTHING &&
        !isLegal(purpose) &&
        outcome !== 'denied',
    ),
  );
  rule(
    'consent',
    'data is read for a purpose that needs consent only while its subject consents',
    where(
      ({ action, facts, purpose, outcome }) =>
        READING_ACTIONS.includes(action) &&
        facts.needsConsent !== false &&
        facts.consent !== 'given' &&
        purpose !== NOTHING &&
        !isLegal(purpose) &&
        outcome !== 'denied',
    ),
  );
  for (const action of [
    'keys.manage',
    'people.manage',
    'policies.propose',
    'policies.approve',
    'policies.activate',
  ] as const) {
    const reachable = cells.some(
      (cell) => cell.action === action && cell.outcome === 'allowed' && isReachable(cell, reach),
    );
    rule('no-lockout', `some role can do ${action}`, reachable ? [] : [action]);
  }
  return broken;
}

/** Highest class in clear. A kind of grant that the role cannot ask for never comes up: under it, anything may be said. */
function ceiling(role: Role | undefined, grant: string | boolean | undefined): DataClass | null {
  if (grant !== 'jit' && grant !== 'breakGlass') return role?.clearUpTo ?? null;
  const eligible = role?.grants?.[grant];
  if (eligible === undefined) return 'special';
  return upTo(role?.clearUpTo ?? null, eligible.clearUpTo) ? (role?.clearUpTo ?? null) : eligible.clearUpTo;
}

/** Whether such a question can come up at all today: a fact that nothing supplies has one value only. */
const isReachable = ({ facts }: Cell, reach: Reach): boolean =>
  // only people show factors
  !(facts.kind === 'service' && ((facts.mfa ?? 'none') !== 'none' || facts.phishingResistant === true)) &&
  Object.entries(facts).every(
    ([fact, value]) =>
      // all may have lapsed at once
      (SUPPLIED.has(fact) && fact !== 'training') ||
      UNKNOWN[fact as keyof typeof UNKNOWN] === value ||
      reach[fact as keyof Reach]?.includes(String(value)) === true,
  );

function named({ role, action, purpose, facts, dataClass, outcome }: Cell): string {
  const setting = Object.entries(facts).map(([fact, value]) => `${fact}=${String(value)}`);
  return [role, action, purpose, ...(dataClass === null ? [] : [dataClass]), ...setting, outcome].join(' ');
}
