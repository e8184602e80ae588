/** How a violation stands, and what its steps are called. */
import { Badge } from '@mantine/core';
import type { Violation, ViolationLine } from '@strongroom/sdk';

const STATES: Readonly<Record<ViolationLine['state'], readonly [says: string, color: string]>> = {
  hearing: ['the person is heard', 'blue'], review: ['two decide', 'yellow'], settling: ['a third one decides', 'yellow'],
  decided: ['decided, appeal open', 'orange'], appealed: ['under appeal', 'yellow'], closed: ['closed', 'gray'],
}; // prettier-ignore
export const ViolationBadge = ({ state }: Pick<ViolationLine, 'state'>) => (
  <Badge variant="light" color={STATES[state][1]}>
    {STATES[state][0]}
  </Badge>
);

export type Outcome = NonNullable<Violation['outcome']>;
export const OUTCOMES: Readonly<Record<Outcome, readonly [says: string, follows: string]>> = {
  none: ['Nothing', 'It counts for nothing, and is forgotten after 90 days.'],
  coaching: ['A talk', 'People hold it; the program writes it down.'],
  'course-again': [
    'The course again',
    'Customers close in the roles that ask for it, at the next read, until it is passed anew.',
  ],
  'access-removal': [
    'Access ends',
    'All roles, sessions, keys and grants of the person end at the next read. They come in to read this and to appeal.',
  ],
  'hr-referral': ['Referral to human resources', 'They decide under labour law; the program writes it down.'],
};
export const outcomeOf = (outcome: string): string => OUTCOMES[outcome as Outcome][0];

export const YOURS: Readonly<Record<ViolationLine['may'][number], string>> = {
  state: 'say what happened',
  vote: 'decide',
  appeal: 'appeal',
  answer: 'answer the appeal',
};
