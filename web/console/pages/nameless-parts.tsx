/** What pages of reports without a name share: words for kinds, states and whose turn it is. */
import { Badge } from '@mantine/core';
import type { NamelessReport } from '@strongroom/sdk';

type Line = Pick<NamelessReport, 'kind' | 'state' | 'turn'>;

const KINDS: Readonly<Record<Line['kind'], string>> = {
  'lost-device': 'A device or a paper is lost or stolen',
  'wrong-recipient': 'Something went to the wrong person',
  clicked: 'Somebody clicked, opened or typed something',
  strange: 'Something is strange',
  other: 'Something else',
};
export const reportedAs = (kind: Line['kind']): string => KINDS[kind];

export const WHEN: Readonly<Record<string, string>> = {
  now: 'just before it was reported',
  today: 'earlier that day',
  yesterday: 'the day before',
  earlier: 'longer before',
  unknown: 'they do not know when',
};

const SAYS = { team: 'waits for you', reporter: 'waits for the reporter', nobody: 'is looked at' } as const;

/** In words; the colour says it once more. */
export function Stands({ of: { state, turn } }: { of: Line }) {
  const [says, color] =
    state === 'closed'
      ? ['closed', 'gray']
      : state === 'received'
        ? ['new', 'red']
        : [SAYS[turn], turn === 'team' ? 'orange' : 'blue'];
  return (
    <Badge variant="light" color={color}>
      {says}
    </Badge>
  );
}
