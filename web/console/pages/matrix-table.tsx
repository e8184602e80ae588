/** Who sees what: for one role, every class against every purpose, as the policies decide when no special fact holds. */
import { Badge, Card, Group, Select, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { CLASSES } from '../classes.ts';
import { room } from '../room.ts';

const COLOURS = { clear: 'orange', masked: 'teal', denied: 'gray', allowed: 'teal' } as const;

export function MatrixTable({ id }: { id: string }) {
  const matrix = useQuery({
    queryKey: ['policy', id, 'matrix'],
    queryFn: () => room.policies.matrix(id),
    staleTime: 600_000,
  });
  const [chosen, setRole] = useState<string | null>(null);
  const [action, setAction] = useState('records.read');
  if (matrix.isPending) return <Fetching what="every decision" />;
  if (matrix.isError) return <Problem error={matrix.error} />;
  const { cells, idle } = matrix.data;
  const roles = [...new Set(cells.map(({ role }) => role))];
  const role = chosen ?? roles.find((each) => each === 'support') ?? roles[0] ?? '';
  const actions = [...new Set(cells.filter((cell) => cell.dataClass !== null).map((cell) => cell.action))];
  // declared: the field is collected for this purpose; every other fact at its usual value
  const usual = cells.filter(
    (cell) =>
      cell.role === role &&
      cell.action === action &&
      cell.dataClass !== null &&
      cell.facts.declared === true &&
      Object.entries(cell.facts).every(
        ([fact, value]) =>
          fact === 'declared' ||
          value === false ||
          ['none', 'unknown', '', 'customer', 'service', 'staff'].includes(String(value)),
      ),
  );
  const purposes = [...new Set(usual.map(({ purpose }) => purpose))];
  const outcome = (purpose: string, dataClass: string) =>
    usual.find((cell) => cell.purpose === purpose && cell.dataClass === dataClass)?.outcome ?? 'denied';
  return (
    <Stack>
      <Group>
        <Select label="Role" data={roles} value={role} onChange={setRole} allowDeselect={false} searchable />
        <Select
          label="Does"
          data={actions}
          value={action}
          onChange={(next) => setAction(next ?? action)}
          allowDeselect={false}
        />
      </Group>
      <Card withBorder padding="xs">
        {purposes.length === 0 ? (
          <Text size="sm" p="md">
            The role {role} may not do this for any purpose.
          </Text>
        ) : (
          <Wide label="who sees what" minWidth={560}>
            <Table>
              <Table.Caption>for fields that are declared for the purpose</Table.Caption>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Purpose</Table.Th>
                  {CLASSES.map((each) => (
                    <Table.Th key={each}>{each}</Table.Th>
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {purposes.map((purpose) => (
                  <Table.Tr key={purpose}>
                    <Table.Th scope="row">{purpose}</Table.Th>
                    {CLASSES.map((each) => (
                      <Table.Td key={each}>
                        <Badge variant="light" color={COLOURS[outcome(purpose, each)]}>
                          {outcome(purpose, each)}
                        </Badge>
                      </Table.Td>
                    ))}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        )}
      </Card>
      {idle.length > 0 && (
        <Text size="sm" c="dimmed">
          {idle.length} policies never decide anything: {idle.join(', ')}
        </Text>
      )}
    </Stack>
  );
}
