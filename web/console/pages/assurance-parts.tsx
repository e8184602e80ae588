/** What pages of assurance share: how something stands, in a word and a colour. */
import { Badge } from '@mantine/core';
import type { Finding, Posture } from '@strongroom/sdk';

const OF_STATE = { proven: 'teal', failed: 'red', unknown: 'gray' } as const;
const OF_SEVERITY = { critical: 'red', high: 'red', medium: 'orange', low: 'blue', info: 'gray' } as const;

export const Stands = ({ of }: { of: Posture['practices'][number]['state'] }) => (
  <Badge variant={of === 'unknown' ? 'outline' : 'light'} color={OF_STATE[of]}>
    {of}
  </Badge>
);

export const HowBad = ({ of }: { of: Finding['severity'] }) => (
  <Badge variant="light" color={OF_SEVERITY[of]}>
    {of}
  </Badge>
);
