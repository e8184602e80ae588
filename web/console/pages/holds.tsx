/** Legal holds: placed and lifted by two people. */
import { Badge, Button, Card, Group, Table, Text, TextInput, Title } from '@mantine/core';
import type { Hold, NewHold } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Confirm } from '../../ui/confirm.tsx';
import { Empty, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';
import { dayOf } from '../when.tsx';
import { Refused } from './step-up.tsx';

export function Holds({ actions }: { actions: readonly string[] }) {
  const [asking, setAsking] = useState(false);
  const holds = useQuery({ queryKey: ['holds'], queryFn: () => room.holds.list() });
  return (
    <Card withBorder padding="xs">
      <Group justify="space-between" p="xs">
        <Title order={2} size="h4">
          Legal holds
        </Title>
        {actions.includes('holds.request') && (
          <Button variant="default" onClick={() => setAsking(true)}>
            Ask for a hold
          </Button>
        )}
      </Group>
      {holds.isError && <Problem error={holds.error} />}
      {holds.data?.holds.length === 0 && (
        <Empty title="Nothing is held">A hold keeps what a court or a case needs, whatever is due.</Empty>
      )}
      {holds.data !== undefined && holds.data.holds.length > 0 && (
        <Wide label="legal holds" minWidth={680} stacks>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Matter</Table.Th>
                <Table.Th>Keeps</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th>Review by</Table.Th>
                <Table.Th>What to do</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {holds.data.holds.map((hold) => (
                <Row key={hold.id} hold={hold} actions={actions} />
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
      {asking && <Ask onClose={() => setAsking(false)} />}
    </Card>
  );
}

/** As the page of a customer names it: enough to tell two apart; the whole id is its title. */
const shortEnd = (id: string | null): string | null => (id === null ? null : `…${id.slice(-8)}`);

function Row({ hold, actions }: { hold: Hold; actions: readonly string[] }) {
  const queries = useQueryClient();
  const onSuccess = () => queries.invalidateQueries({ queryKey: ['holds'] });
  const approve = useMutation({ mutationFn: () => room.holds.approve(hold.id), onSuccess });
  const lift = useMutation({ mutationFn: () => room.holds.lift(hold.id, 'the matter has ended'), onSuccess });
  const waits = hold.state === 'requested' || hold.state === 'lifting';
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>
        {hold.matter}
        <Text size="xs" c="dimmed">
          {hold.authority}
        </Text>
      </Table.Th>
      <Table.Td>
        {hold.scope}
        <Text size="xs" c="dimmed" className="wrap" title={hold.record ?? hold.subject ?? undefined}>
          {[shortEnd(hold.record ?? hold.subject), hold.collection, hold.field]
            .filter((each) => each !== null)
            .join(' ')}
        </Text>
      </Table.Td>
      <Table.Td>
        <Badge variant="light" color={waits ? 'orange' : hold.state === 'active' ? 'blue' : 'gray'}>
          {hold.state}
        </Badge>
      </Table.Td>
      <Table.Td>
        {dayOf(hold.reviewBy)}
        {hold.overdue && <Text size="xs">overdue</Text>}
      </Table.Td>
      <Table.Td>
        {waits && actions.includes('holds.approve') && (
          <Button size="compact-sm" variant="default" loading={approve.isPending} onClick={() => approve.mutate()}>
            {hold.state === 'requested' ? 'Place it' : 'Let it end'}
          </Button>
        )}
        {hold.state === 'active' && actions.includes('holds.request') && (
          <Confirm
            label="Lift"
            name={`Lift the hold of ${hold.matter}`}
            size="compact-sm"
            title="Ask for its end?"
            onYes={() => lift.mutate()}
          >
            Somebody else approves; then what waited is planned.
          </Confirm>
        )}
        {[approve, lift].map(
          (each, n) => each.isError && <Refused key={n} error={each.error} again={() => each.mutate()} />,
        )}
      </Table.Td>
    </Table.Tr>
  );
}

const FIELDS = [
  ['matter', 'Matter', true],
  ['subject', 'Subject (sub_…)', false],
  ['collection', 'Or a collection', false],
  ['field', 'And its field', false],
  ['reason', 'Why', true],
  ['authority', 'Who says so', true],
  ['role', 'Role that may still see it', false],
  ['reviewBy', 'Review by', true],
] as const;

function Ask({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const ask = useMutation({
    mutationFn: () => {
      const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ''));
      return room.holds.request(given as NewHold);
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['holds'] });
      onClose();
    },
  });
  return (
    <Dialog title="Ask for a hold" sending={ask} does="Ask" onSend={() => ask.mutate()} onClose={onClose}>
      {FIELDS.map(([name, label, required]) => (
        <TextInput
          key={name}
          label={label}
          type={name === 'reviewBy' ? 'date' : 'text'}
          required={required}
          value={values[name] ?? ''}
          onChange={({ currentTarget: { value } }) => setValues((now) => ({ ...now, [name]: value }))}
        />
      ))}
    </Dialog>
  );
}
