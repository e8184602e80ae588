/** Versions of the catalogue: who proposed, who approved, which holds. */
import { Badge, Button, Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { room } from '../room.ts';
import { When } from '../when.tsx';

export const VERSION_COLOURS: Readonly<Record<string, string>> = {
  active: 'teal', approved: 'blue', proposed: 'orange', retired: 'gray',
}; // prettier-ignore

export function CatalogueVersionsPage() {
  const list = useQuery({ queryKey: ['catalogues'], queryFn: () => room.collection.versions() });
  if (list.isPending) return <Fetching what="versions" />;
  if (list.isError) return <Problem error={list.error} />;
  return (
    <Stack>
      <Group justify="space-between">
        <div>
          <Text component={Link} to="/catalogue" size="sm" c="dimmed">
            ← Catalogue
          </Text>
          <Title order={1} size="h2">
            Versions of the catalogue
          </Title>
        </div>
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
                      to={`/catalogue/versions/${one.id}`}
                      size="compact-sm"
                      variant="subtle"
                      ff="monospace"
                    >
                      …{one.id.slice(-8)}
                    </Button>
                  </Table.Td>
                  <Table.Td>
                    <Badge variant="light" color={VERSION_COLOURS[one.state] ?? 'gray'}>
                      {one.state}
                    </Badge>
                  </Table.Td>
                  <Table.Td className="wrap">{one.note}</Table.Td>
                  <Table.Td>
                    <When at={one.proposedAt} />
                  </Table.Td>
                  <Table.Td>{one.approvedBy ?? (one.state === 'proposed' ? '–' : 'the first file')}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      </Card>
    </Stack>
  );
}
