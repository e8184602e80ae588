/** Authorization by others, each as its own documentation says to use it, with the rules of the shipped policies. */
import type { Peers } from '../peers.ts';
import type { Missing } from '../row.ts';
import type { Question } from './questions.ts';
import { isLegal, type Rule } from './rules.ts';

export type Decider = Readonly<{ name: string; allows: (question: Question) => boolean }>;

type Casl = {
  createMongoAbility: (rules: readonly object[]) => { can: (action: string, about: object) => boolean };
  subject: (type: string, about: object) => object;
};

/** One ability for each role, made ahead; a record's purpose and restriction are conditions. */
export function casl(peers: Peers, missing: Missing[], rules: readonly Rule[]): Decider[] {
  const found = peers.load('@casl/ability', missing) as Casl | null;
  if (found === null) return [];
  const legal = [...new Set(rules.flatMap(({ purposes }) => purposes).filter(isLegal))];
  const none = found.createMongoAbility([]);
  const abilities = new Map(
    Map.groupBy(rules, ({ role }) => role)
      .entries()
      .map(([role, mine]) => [
        role,
        found.createMongoAbility([
          ...mine.map(({ actions, purposes }) => ({
            action: actions,
            subject: 'Record',
            conditions: { purpose: { $in: purposes } },
          })),
          {
            inverted: true,
            action: [...new Set(mine.flatMap(({ actions }) => actions))],
            subject: 'Record',
            conditions: { restricted: true, purpose: { $nin: legal } },
          },
        ]),
      ]),
  );
  return [
    {
      name: 'CASL',
      allows: ({ actor, action, purpose, restricted }) =>
        (abilities.get(actor.role) ?? none).can(action, found.subject('Record', { purpose, restricted })),
    },
  ];
}

type Casbin = {
  newModelFromString: (text: string) => object;
  StringAdapter: new (policy: string) => object;
  newEnforcer: (
    model: object,
    adapter: object,
  ) => Promise<{
    addFunction: (name: string, run: (...args: string[]) => boolean) => Promise<void>;
    enforceSync: (...asked: unknown[]) => boolean;
  }>;
};

const MODEL = `
[request_definition]
r = sub, act, purpose, restricted
[policy_definition]
p = sub, act, purpose, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = p.eft == "deny" && r.restricted == "yes" && !isLegal(r.purpose) || r.sub == p.sub && among(r.act, p.act) && among(r.purpose, p.purpose)
`;

/** Without its cache: that one is keyed by the question and never bounded. */
export async function casbin(peers: Peers, missing: Missing[], rules: readonly Rule[]): Promise<Decider[]> {
  const found = peers.load('casbin', missing) as Casbin | null;
  if (found === null) return [];
  const lines = rules.map(
    ({ role, actions, purposes }) => `p, ${role}, ${actions.join('|')}, ${purposes.join('|')}, allow`,
  );
  const enforcer = await found.newEnforcer(
    found.newModelFromString(MODEL),
    new found.StringAdapter([...lines, 'p, nobody, nothing, nothing, deny'].join('\n')),
  );
  await enforcer.addFunction('among', (one = '', list = '') => list.split('|').includes(one));
  await enforcer.addFunction('isLegal', (purpose = '') => isLegal(purpose));
  return [
    {
      name: 'casbin',
      allows: ({ actor, action, purpose, restricted }) =>
        enforcer.enforceSync(actor.role, action, purpose, restricted ? 'yes' : 'no'),
    },
  ];
}
