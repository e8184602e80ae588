/** Who somebody is, in words: a name for who may see it, else what it is and the end of its id. */
import { useQuery } from '@tanstack/react-query';

import { room } from './room.ts';
import { useSession, useWhoAmI } from './session.ts';

const KINDS: Readonly<Record<string, string>> = { key: 'key', per: 'person', wkl: 'workload' };

/** key_0abc…xyz123 → "key …xyz123": enough to tell two apart, and short enough for a line. Anything else is left as it is. */
export function shortId(id: string): string {
  const [, kind = '', rest = ''] = /^(key|per|wkl)_([0-9a-z]+)$/.exec(id) ?? [];
  return kind === '' ? id : `${KINDS[kind]} …${rest.slice(-6)}`;
}

/** What the server says of an alert names whom it is about by the whole id. */
export const shortIdsIn = (text: string): string => text.replaceAll(/\b(?:key|per|wkl)_[0-9a-z]{12,}\b/g, shortId);

/** Names of those who work here, for who may see how they stand; else their ids. */
export function useNames(): (id: string) => string {
  const me = useSession().data;
  const may = useWhoAmI().data?.actions.includes('training.read') === true;
  const coverage = useQuery({
    queryKey: ['coverage'],
    queryFn: () => room.education.coverageOfAll(),
    staleTime: 300_000,
    // a refusal would be an entry of the log that nobody asked for
    enabled: may,
  });
  const names = new Map(coverage.data?.people.map(({ id, name }) => [id, name]));
  // one's own name is no secret to oneself
  if (me !== undefined && me !== null) names.set(me.person, me.name);
  return (id) => names.get(id) ?? id;
}

/** Of whoever did something: a person by name, a key by its end, a playbook as one. */
export function useDoers(): (by: string) => string {
  const nameOf = useNames();
  return (by) => (by.startsWith('playbook ') ? 'a playbook' : shortId(nameOf(by)));
}
