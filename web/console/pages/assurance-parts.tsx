/** What pages of assurance share: how something stands, in a word and a colour; findings as rows. */
import { Anchor, Badge, Table } from '@mantine/core';
import type { Engagement, Finding, Posture } from '@strongroom/sdk';
import { Link } from '@tanstack/react-router';

import { Listed } from '../../ui/listed.tsx';
import { When } from '../when.tsx';

const OF_STATE = { proven: 'teal', failed: 'red', unknown: 'gray' } as const;
const OF_SEVERITY = { critical: 'red', high: 'red', medium: 'orange', low: 'blue', info: 'gray' } as const;
const OF_ENGAGEMENT = { proposed: 'orange', approved: 'blue', running: 'teal', over: 'gray' } as const;

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

export const EngagementState = ({ of }: { of: Engagement['state'] }) => (
  <Badge variant="light" color={OF_ENGAGEMENT[of]}>
    {of}
  </Badge>
);

export const FoundRows = ({ title, findings }: { title: string; findings: readonly Finding[] }) => (
  <Listed title={title} head={['Finding', 'How bad', 'State', 'Where', 'Found by', 'Due']} minWidth={900} stacks>
    {findings.map((one) => (
      <Table.Tr key={one.id}>
        <Table.Th scope="row" fw={500}>
          <Anchor component={Link} to={`/assurance/findings/${one.id}`} size="sm">
            {one.title}
          </Anchor>
        </Table.Th>
        <Table.Td>
          <HowBad of={one.severity} />
        </Table.Td>
        <Table.Td>{one.state}</Table.Td>
        <Table.Td className="wrap">
          {one.asset} {one.place}
        </Table.Td>
        <Table.Td>{one.source}</Table.Td>
        <Table.Td>
          {one.overdue && 'overdue since '}
          <When at={one.dueAt} />
        </Table.Td>
      </Table.Tr>
    ))}
  </Listed>
);
