/** What the policies of a version make of one role: the highest class for each purpose, and the policies that name it. */
import { Code, List, Stack, Table, Text } from '@mantine/core';
import { cellsOf, factChoices, under, usual, type PolicyDocument } from '@strongroom/sdk';

import { Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { CLASSES } from '../classes.ts';
import { usePurposes } from '../purposes.ts';
import { eligibleText, type Role } from '../role-changes.ts';
import { useMatrix } from './matrix-table.tsx';

export function RoleSheet({
  id,
  name,
  document,
  role,
}: {
  id: string;
  name: string;
  /** As it is kept: the matrix is of this one, not of a draft. */
  document: PolicyDocument;
  role: Role;
}) {
  const matrix = useMatrix(id);
  const named = Object.entries(document.policies).flatMap(([policy, text]) =>
    text.includes(`Role::"${name}"`) ? [policy] : [],
  );
  return (
    <Stack gap="xs">
      <List size="sm">
        <List.Item>
          owner <b>{role.owner}</b>; includes {role.includes.join(', ') || 'no other role'}
        </List.Item>
        <List.Item>may ask for: {eligibleText(role.grants?.jit)}</List.Item>
        <List.Item>break-glass: {eligibleText(role.grants?.breakGlass)}</List.Item>
        <List.Item>
          policies that name it:{' '}
          {named.length === 0
            ? 'none'
            : named.map((each) => (
                <Code key={each} mr={4} display="inline-block">
                  {each}
                </Code>
              ))}
        </List.Item>
      </List>
      {matrix.isPending && <Fetching what="every decision" />}
      {matrix.isError && <Problem error={matrix.error} />}
      {matrix.isSuccess && <PerPurpose name={name} cells={matrix.data.cells} />}
    </Stack>
  );
}

function PerPurpose({ name, cells }: { name: string; cells: Parameters<typeof cellsOf>[0] }) {
  const asked = cellsOf(cells, name, 'records.read');
  const shown = under(asked, Object.fromEntries(factChoices(asked).map((choice) => [choice.fact, usual(choice)])));
  const titleOf = usePurposes();
  const purposes = [...new Set(shown.map(({ purpose }) => purpose))];
  const highest = (purpose: string, outcomes: readonly string[]): string =>
    CLASSES.findLast((each) =>
      shown.some((cell) => cell.purpose === purpose && cell.dataClass === each && outcomes.includes(cell.outcome)),
    ) ?? 'none';
  if (purposes.length === 0) return <Text size="sm">As policies are kept now, it reads no customer.</Text>;
  return (
    <Wide label={`highest class of ${name} for each purpose`} minWidth={280}>
      <Table>
        <Table.Caption>as policies are kept now, without any grant</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Purpose</Table.Th>
            <Table.Th>In clear up to</Table.Th>
            <Table.Th>Masked up to</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {purposes.map((purpose) => (
            <Table.Tr key={purpose}>
              <Table.Th scope="row" fw={500}>
                {titleOf(purpose)}
              </Table.Th>
              <Table.Td>{highest(purpose, ['clear'])}</Table.Td>
              <Table.Td>{highest(purpose, ['clear', 'masked'])}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Wide>
  );
}
