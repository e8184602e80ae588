/** What was asked and said about a request; and who said it, where staff notes it for them. */
import { Blockquote, Select, Text } from '@mantine/core';
import type { PrivacyRequest, PrivacySaid } from '@strongroom/sdk';

import { dayOf } from '../when.tsx';

type Talk = NonNullable<PrivacyRequest['talk']>[number];
export type Said = Readonly<{ how: PrivacySaid['how'] | null; asker: NonNullable<PrivacySaid['asker']> }>;

const WHAT: Readonly<Record<Talk['what'], string>> = { scope: 'Asked: which part', identity: 'Asked: is it you', detail: 'Asked', again: 'They asked for it again', reply: 'They replied', appeal: 'They appealed', answer: 'Answered before', withdrawn: 'They took it back' }; // prettier-ignore
const WAYS: Readonly<Record<PrivacySaid['how'], string>> = { telephone: 'on the telephone', letter: 'in a letter', mail: 'in a mail', 'in-person': 'in person' }; // prettier-ignore
const ASKERS: Readonly<Record<Said['asker'], string>> = { subject: 'the customer', agent: 'somebody who acts for them', unheld: 'somebody who says that they are the customer, from an address or a number that we do not hold' }; // prettier-ignore

const ROLES: Readonly<Record<string, string>> = { support: 'customer service', 'on-call': 'customer service', billing: 'billing', marketing: 'marketing', analyst: 'statistics', dpo: 'data protection', auditor: 'auditing', security: 'security' }; // prettier-ignore
const roleSays = (role: string): string => `an employee (${ROLES[role] ?? role})`;

const notedIn = (noted: Talk['noted']): string =>
  noted === undefined ? '' : `, ${WAYS[noted.how]}, by ${ASKERS[noted.asker]}; noted by ${roleSays(noted.role)}`;

/** How a request came in that nobody asked in the center. */
export const NotedBy = ({ noted }: { noted: NonNullable<Talk['noted']> }) => (
  <Text size="sm">{`It came${notedIn(noted).slice(1)}.`}</Text>
);

export const TalkItem = ({ said }: { said: Talk }) => (
  <div>
    <Text size="sm" fw={600}>{`${WHAT[said.what]}, ${dayOf(said.at)}${notedIn(said.noted)}`}</Text>
    {said.text !== '' && <Blockquote p="sm">{said.text}</Blockquote>}
  </div>
);

const choices = (names: Readonly<Record<string, string>>) =>
  Object.entries(names).map(([value, label]) => ({ value, label }));

export const WhoSaid = ({ said, onSaid }: { said: Said; onSaid: (now: Said) => void }) => (
  <>
    <Select
      label="How they said it"
      data={choices(WAYS)}
      value={said.how}
      onChange={(how) => onSaid({ ...said, how: how as Said['how'] })}
      required
      allowDeselect={false}
      openOnFocus={false}
    />
    <Select
      label="Who said it"
      description="From anybody but the customer, more has to be shown from now on"
      data={choices(ASKERS)}
      value={said.asker}
      onChange={(asker) => onSaid({ ...said, asker: (asker ?? 'subject') as Said['asker'] })}
      allowDeselect={false}
      openOnFocus={false}
    />
  </>
);
