/** Honey: customers and tokens that nobody has a reason to touch. Only who manages them knows which. */
import {
  Button,
  Card,
  Group,
  PasswordInput,
  SegmentedControl,
  Table,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import type { Honey } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Confirm } from '../../ui/confirm.tsx';
import { Listed } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Dialog } from '../dialog.tsx';
import { useDoers } from '../names.ts';
import { room } from '../room.ts';
import { When } from '../when.tsx';
import { Refused } from './step-up.tsx';

export function HoneyPlanted() {
  const [planting, setPlanting] = useState(false);
  const found = useQuery({ queryKey: ['traffic', 'honey'], queryFn: ({ signal }) => room.traffic.honey({ signal }) });
  if (found.isPending) return <Fetching what="honey" />;
  if (found.data === undefined) return <Problem error={found.error} />;
  const plant = <Button onClick={() => setPlanting(true)}>Plant</Button>;
  return (
    <>
      {found.data.honey.length === 0 ? (
        <Card withBorder padding="sm">
          <Group justify="space-between">
            <Title order={2} size="h4">
              Honey
            </Title>
            {plant}
          </Group>
          <Empty title="Nothing is planted">
            Make a customer who does not exist, and plant it here: whoever touches it is a case at once.
          </Empty>
        </Card>
      ) : (
        <Listed title="Honey" stacks head={['What', 'Note', 'Planted', 'Remove']} aside={plant}>
          {found.data.honey.map((one) => (
            <Row key={one.id} one={one} />
          ))}
        </Listed>
      )}
      {planting && <Plant onClose={() => setPlanting(false)} />}
    </>
  );
} // prettier-ignore

function Row({ one }: { one: Honey }) {
  const [queries, nameOf] = [useQueryClient(), useDoers()];
  const remove = useMutation({
    mutationFn: () => room.traffic.removeHoney(one.id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['traffic', 'honey'] }),
  });
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>
        {one.kind === 'customer' ? 'Customer' : 'Token'}
        <Text size="xs" c="dimmed" className="mono wrap">
          {one.subjectId ?? 'only its hash is kept'}
        </Text>
      </Table.Th>
      <Table.Td className="wrap">{one.note}</Table.Td>
      <Table.Td>
        <When at={one.plantedAt} />
        <Text size="xs" c="dimmed" className="wrap">
          by {nameOf(one.by)}
        </Text>
      </Table.Td>
      <Table.Td>
        <Confirm
          label="Remove"
          name={`Remove honey ${one.id}`}
          title="Plant it no longer?"
          size="compact-sm"
          onYes={() => remove.mutate()}
        >
          Nobody hears any more of who touches it. The customer itself stays where it is.
        </Confirm>
        {remove.isError && <Refused error={remove.error} again={() => remove.mutate()} />}
      </Table.Td>
    </Table.Tr>
  );
}

function Plant({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [kind, setKind] = useState('customer');
  const [what, setWhat] = useState('');
  const [note, setNote] = useState('');
  const plant = useMutation({
    mutationFn: () =>
      room.traffic.plantHoney({
        note: note.trim(),
        ...(kind === 'customer' ? { subjectId: what.trim() } : { token: what.trim() }),
      }),
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: ['traffic', 'honey'] });
    },
  });
  return (
    <Dialog
      title="Plant honey"
      sending={plant}
      does="Plant"
      onSend={() => plant.mutate()}
      ready={what.trim() !== '' && note.trim() !== ''}
      onClose={onClose}
    >
      <SegmentedControl
        aria-label="what is planted"
        value={kind}
        onChange={(next) => {
          setKind(next);
          setWhat('');
        }}
        data={[
          { value: 'customer', label: 'a customer' },
          { value: 'token', label: 'a token' },
        ]}
      />
      {kind === 'customer' ? (
        <TextInput
          label="Subject"
          description="sub_…, of a customer who does not exist"
          required
          maxLength={40}
          value={what}
          onChange={({ currentTarget: { value } }) => setWhat(value)}
        />
      ) : (
        <PasswordInput
          label="Token"
          description="At least 16 characters, of no use to anybody; only its hash is kept"
          required
          minLength={16}
          maxLength={200}
          autoComplete="off"
          value={what}
          onChange={({ currentTarget: { value } }) => setWhat(value)}
        />
      )}
      <Textarea
        label="Where it lies, and what for"
        required
        maxLength={2000}
        autosize
        minRows={2}
        value={note}
        onChange={({ currentTarget: { value } }) => setNote(value)}
      />
    </Dialog>
  );
}
