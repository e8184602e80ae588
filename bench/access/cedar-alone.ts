/** cedar-wasm as its own documentation says to use it: all policies parsed ahead, one call with all facts for one question. */
import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';

import { starterDocument } from '#practices/access';

import type { Question } from './questions.ts';

const NAME = 'bench';

export function cedarAlone(): (question: Question) => boolean {
  const { policies, roles } = starterDocument();
  const parsed = preparsePolicySet(NAME, { staticPolicies: { ...policies } });
  if (parsed.type === 'failure') throw new Error('the policies do not parse');
  const entity = (type: string, id: string) => ({ __entity: { type, id } });
  // the schema says that each fact is there, whether or not a policy looks at it
  const others = {
    kind: entity('Kind', 'service'), mfa: entity('Mfa', 'none'), training: entity('Training', 'lapsed'),
    zone: entity('Zone', 'internet'), hours: entity('Hours', 'off'), consent: entity('Consent', 'notAsked'),
    volume: entity('Volume', 'normal'), grant: entity('Grant', 'none'),
    phishingResistant: false, minor: false, assigned: false,
  }; // prettier-ignore
  const withIncluded = (role: string): { type: string; id: string }[] => [
    { type: 'Role', id: role },
    ...(roles[role]?.includes ?? []).flatMap(withIncluded),
  ];
  return ({ actor, action, purpose, collection, restricted }) => {
    const parts = purpose.split('.');
    const above = parts.slice(1).map((_, n) => parts.slice(0, n + 1).join('.'));
    const answer = statefulIsAuthorized({
      principal: { type: 'Actor', id: 'asker' },
      action: { type: 'Action', id: action },
      resource: { type: 'System', id: 'strongroom' },
      context: {
        purpose: entity('Purpose', purpose),
        collection: entity('Collection', collection.name),
        restricted,
        ...others,
      },
      entities: [
        { uid: { type: 'Actor', id: 'asker' }, attrs: {}, parents: withIncluded(actor.role) },
        {
          uid: { type: 'Purpose', id: purpose },
          attrs: {},
          parents: above.map((id) => ({ type: 'Purpose', id })),
        },
      ],
      preparsedPolicySetId: NAME,
    });
    return answer.type === 'success' && answer.response.decision === 'allow';
  };
}
