/** Versions of the policies: who proposed, who approved, which holds. */
import { Badge, Button, Card, Group, Stack, Table, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { room } from '../room.ts';

export const STATE_COLOURS: Readonly<Record<string, string>> = {
  active: 'teal',
  approved: 'blue',
  validated: 'indigo',
  draft: 'orange',
  retired: 'gray',
};

export function PoliciesPage() {
  const list = useQuery({ queryKey: ['policies'], queryFn: () => room.policies.list() });
  if (list.isPending) return <Fetching what="policies" />;
  if (list.isError) return <Problem error={list.error} />;
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Policies
        </Title>
        <Button component={Link} to="/policies/active">
          What holds now
        </Button>
      </Group>
      <Card withBorder padding="xs">
        <Wide label="versions" minWidth={620}>
          <Table highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Version</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th>What for</Table.Th>
                <Table.Th>Proposed</Table.Th>
                <Table.Th>Approved by</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {list.data.versions.map((one) => (
                <Table.Tr key={one.id}>
                  <Table.Td>
                    <Button
                      component={Link}
                      to={`/policies/${one.id}`}
                      size="compact-sm"
                      variant="subtle"
                      ff="monospace"
                    >
                      …{one.id.slice(-8)}
                    </Button>
                  </Table.Td>
                  <Table.Td>
                    <Badge variant="light" color={STATE_COLOURS[one.state] ?? 'gray'}>
                      {one.state}
                    </Badge>
                  </Table.Td>
                  <Table.Td className="wrap">{one.note}</Table.Td>
                  <Table.Td>
                    <time dateTime={one.proposedAt}>{new Date(one.proposedAt).toLocaleString()}</time>
                  </Table.Td>
                  <Table.Td>{one.approvedBy ?? (one.proposedBy === 'system' ? 'shipped' : '–')}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      </Card>
    </Stack>
  );
}
