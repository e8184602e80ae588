/** Permissions that nobody needed for 30, 60 or 90 days, and what is to be done about each. */
import { Badge, Button, Card, Group, List, SegmentedControl, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { room } from '../room.ts';
import { When } from '../when.tsx';

const TO_DO = {
  hint: { days: '30', colour: 'gray', says: 'Ask the owner whether it is still needed.' },
  task: { days: '60', colour: 'orange', says: 'The owner takes it out, or says what it is for.' },
  convert: { days: '90', colour: 'red', says: 'Take it out of the policy, and let the role ask for it instead.' },
} as const;

export function UnusedPage() {
  const [days, setDays] = useState('30');
  const found = useQuery({ queryKey: ['unused'], queryFn: () => room.grants.unused() });
  const unused = found.data?.unused.filter((one) => one.days >= Number(days)) ?? [];
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Unused permissions
        </Title>
        <SegmentedControl
          aria-label="unused for"
          value={days}
          onChange={setDays}
          data={['30', '60', '90'].map((each) => ({ value: each, label: `${each} days` }))}
        />
      </Group>
      <List size="sm">
        {Object.values(TO_DO).map((each) => (
          <List.Item key={each.days}>
            After <b>{each.days} days</b>: {each.says}
          </List.Item>
        ))}
      </List>
      {found.isPending && <Fetching what="what nobody used" />}
      {found.isError && <Problem error={found.error} />}
      {found.isSuccess && unused.length === 0 && (
        <Card withBorder>
          <Empty title={`Nothing stood unused for ${days} days`}>
            Counting began when this system saw each permission first. Come back later, or look at what the roles may.
          </Empty>
        </Card>
      )}
      {unused.length > 0 && (
        <Card withBorder padding="xs">
          <Wide label="unused permissions" minWidth={760} stacks>
            <Table>
              <Table.Caption>by the audit log; {unused.length} permissions</Table.Caption>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Role</Table.Th>
                  <Table.Th>May</Table.Th>
                  <Table.Th>For</Table.Th>
                  <Table.Th>Last used</Table.Th>
                  <Table.Th>What to do</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {unused.map((one) => (
                  <Table.Tr key={`${one.role} ${one.action} ${one.dataClass} ${one.purpose}`}>
                    <Table.Th scope="row" fw={500}>
                      {one.role}
                      <Text size="xs" c="dimmed">
                        owner {one.owner}
                      </Text>
                    </Table.Th>
                    <Table.Td>
                      see {one.dataClass} {one.outcome === 'clear' ? 'in clear' : 'masked'}
                      <Text size="xs" c="dimmed">
                        {one.action}
                      </Text>
                    </Table.Td>
                    <Table.Td>{one.purpose}</Table.Td>
                    <Table.Td>
                      <When at={one.last} none="never seen" />
                      <Text size="xs" c="dimmed">
                        {one.days} days unused
                      </Text>
                    </Table.Td>
                    <Table.Td>
                      <Badge variant="light" color={TO_DO[one.stage].colour}>
                        {one.stage === 'convert' ? 'ask instead' : one.stage}
                      </Badge>
                      <Text size="xs">{TO_DO[one.stage].says}</Text>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        </Card>
      )}
      <Group>
        <Button component={Link} to="/policies/active" variant="default">
          What roles may do
        </Button>
      </Group>
    </Stack>
  );
}
