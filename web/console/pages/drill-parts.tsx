/** What says of a drill that it is one, and how it stands. */
import { Alert, Badge } from '@mantine/core';
import { IconMasksTheater } from '@tabler/icons-react';
import type { IncidentDrillLine } from '@strongroom/sdk';

import { counted } from '../../ui/listed.tsx';
import { shortIdsIn } from '../names.ts';
import { minuteOf } from '../when.tsx';

/** On each page and on each part that leaves it: nobody takes it for the real thing. */
export const DrillBanner = () => (
  <Alert color="grape" variant="light" icon={<IconMasksTheater aria-hidden />} title="DRILL" role="note">
    This is practice. Nothing of it has happened, and nobody outside is told. Should something real happen, stop and report
    it: the real thing goes first.
  </Alert>
); // prettier-ignore

const STATES: Readonly<Record<IncidentDrillLine['state'], readonly [says: string, color: string]>> = {
  planned: ['planned', 'gray'], running: ['running', 'blue'], passed: ['passed', 'green'], failed: ['not passed', 'red'], stopped: ['stopped', 'gray'],
}; // prettier-ignore
export const DrillBadge = ({ state }: Pick<IncidentDrillLine, 'state'>) => (
  <Badge variant="light" color={STATES[state][1]}>
    {STATES[state][0]}
  </Badge>
);

export const percent = (part: number): string => `${Math.round(part * 100)} %`;
/** When in the story: the same clock for all who take part, spelled as their own one is. */
export const StoryTime = ({ at }: { at: string }) => <time dateTime={at}>{minuteOf(at, 'UTC')} UTC</time>;

/** Words of the story: its instants as all others on the page, and its made-up people by the ends of their ids. */
export const StoryText = ({ text }: { text: string }) =>
  text.split(/(\d{4}-\d\d-\d\d \d\d:\d\d UTC)/).map((part, at) =>
    // what was split by stands at each second place; parts never move: their place is their name
    at % 2 === 1 ? <StoryTime key={`at ${at}`} at={`${part.slice(0, 16).replace(' ', 'T')}Z`} /> : shortIdsIn(part),
  );

/** 0.2 → "12 seconds", 4 → "4 minutes". */
export const soon = (minutes: number): string =>
  minutes < 1 ? counted(Math.round(minutes * 60), 'second') : counted(Math.round(minutes), 'minute');
