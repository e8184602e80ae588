/** Who sees what: for one role, every class against every purpose, as the policies decide under chosen facts. */
import { Badge, Card, Group, Select, Stack, Table, Text } from '@mantine/core';
import { cellsOf, factChoices, under, usual } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { CLASSES } from '../classes.ts';
import { factText, valueText } from '../facts-text.ts';
import { room } from '../room.ts';
import { usePurposes } from '../purposes.ts';

const COLOURS = { clear: 'orange', masked: 'teal', denied: 'gray', allowed: 'teal' } as const;

/** As wide as its label needs; on a phone as wide as the page. */
const WIDTH = { base: '100%', xs: 'auto' };

export const useMatrix = (id: string) =>
  useQuery({ queryKey: ['policy', id, 'matrix'], queryFn: () => room.policies.matrix(id), staleTime: 600_000 });

export function MatrixTable({ id }: { id: string }) {
  const matrix = useMatrix(id);
  const [chosen, setRole] = useState<string | null>(null);
  const [action, setAction] = useState('records.read');
  const titleOf = usePurposes();
  const [facts, setFacts] = useState<Readonly<Record<string, string>>>({});
  if (matrix.isPending) return <Fetching what="every decision" />;
  if (matrix.isError) return <Problem error={matrix.error} />;
  const { cells, idle } = matrix.data;
  const roles = [...new Set(cells.map(({ role }) => role))];
  const role = chosen ?? roles.find((each) => each === 'support') ?? roles[0] ?? '';
  const actions = [...new Set(cells.filter((cell) => cell.dataClass !== null).map((cell) => cell.action))];
  const asked = cellsOf(cells, role, action);
  const choices = factChoices(asked);
  const valueOf = (choice: (typeof choices)[number]): string => {
    const wanted = facts[choice.fact];
    return wanted !== undefined && choice.values.includes(wanted) ? wanted : usual(choice);
  };
  const shown = under(asked, Object.fromEntries(choices.map((choice) => [choice.fact, valueOf(choice)])));
  const purposes = [...new Set(shown.map(({ purpose }) => purpose))];
  const outcome = (purpose: string, dataClass: string) =>
    shown.find((cell) => cell.purpose === purpose && cell.dataClass === dataClass)?.outcome ?? 'denied';
  return (
    <Stack>
      <Group>
        <Select label="Role" w={WIDTH} data={roles} value={role} onChange={setRole} allowDeselect={false} searchable />
        <Select
          label="Does"
          w={WIDTH}
          data={actions}
          value={action}
          onChange={(next) => setAction(next ?? action)}
          allowDeselect={false}
        />
        {choices.map((choice) => (
          <Select
            key={choice.fact}
            label={factText(choice.fact)}
            w={WIDTH}
            data={choice.values.map((value) => ({ value, label: valueText(value) }))}
            value={valueOf(choice)}
            onChange={(next) => setFacts({ ...facts, [choice.fact]: next ?? '' })}
            allowDeselect={false}
          />
        ))}
      </Group>
      <Card withBorder padding="xs">
        {purposes.length === 0 ? (
          <Text size="sm" p="md">
            The role {role} may not do this for any purpose.
          </Text>
        ) : (
          <Wide label="who sees what" minWidth={560} stacks>
            <Table>
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
                    <Table.Th scope="row">{purpose === '-' ? 'no purpose' : titleOf(purpose)}</Table.Th>
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
          {idle.length === 1 ? 'One policy never decides' : `${idle.length} policies never decide`} anything:{' '}
          {idle.join(', ')}
        </Text>
      )}
    </Stack>
  );
}
