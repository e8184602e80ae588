/** Whose processing is restricted, and the two steps that end it: they are told, and then it is lifted. */
import { Badge, Button, Card, Group, NumberInput, Select, Stack, Table, Text, Textarea, Title } from '@mantine/core';
import type { RestrictedSubject } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';
import { When } from '../when.tsx';
import { Refused } from './step-up.tsx';
import { CustomerNamed } from './traffic-customer.tsx';

const BECAUSE: Readonly<Record<string, string>> = {
  accuracy: 'it may be wrong', unlawful: 'used unlawfully, and not to be erased', claim: 'needed for a claim of theirs', objection: 'they object, and it is being weighed',
}; // prettier-ignore
export const RESTRICTION_REASONS = Object.entries(BECAUSE).map(([value, label]) => ({ value, label }));

export function RestrictedCustomers({ mayDecide }: { mayDecide: boolean }) {
  const queries = useQueryClient();
  const found = useQuery({ queryKey: ['restrictions'], queryFn: () => room.restrictions.list() });
  const [telling, setTelling] = useState<RestrictedSubject | null>(null);
  const lift = useMutation({
    mutationFn: (subject: string) => room.subjects.liftRestriction(subject),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['restrictions'] }),
  });
  if (found.isError) return <Problem error={found.error} />;
  if (found.data === undefined || found.data.restrictions.length === 0) return null;
  return (
    <Card withBorder padding="xs">
      <Stack gap="xs">
        <Title order={2} size="h4">
          Restricted customers
        </Title>
        <Text size="sm">
          Their data is kept, and read for legal claims only. They are told before it ends, and until that day has come
          nobody can lift it.
        </Text>
        {lift.isError && <Refused error={lift.error} again={() => lift.mutate(lift.variables)} />}
        <Wide label="restricted customers" minWidth={280} stacks>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Customer</Table.Th>
                <Table.Th>Because</Table.Th>
                <Table.Th>Since</Table.Th>
                <Table.Th>Ends, as told</Table.Th>
                <Table.Th>Do</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.data.restrictions.map((one) => (
                <Table.Tr key={one.subject}>
                  <Table.Th scope="row" fw={500}>
                    <CustomerNamed id={one.subject} />
                  </Table.Th>
                  <Table.Td>{BECAUSE[one.because] ?? one.because}</Table.Td>
                  <Table.Td>
                    <When at={one.since} />
                  </Table.Td>
                  <Table.Td>
                    <Told one={one} />
                  </Table.Td>
                  <Table.Td>
                    {mayDecide && (
                      <Group gap="xs" wrap="nowrap">
                        <Button size="compact-sm" variant="default" onClick={() => setTelling(one)}>
                          {one.end === null ? 'Tell' : 'Tell again'}
                        </Button>
                        {one.liftable && (
                          <Button size="compact-sm" loading={lift.isPending} onClick={() => lift.mutate(one.subject)}>
                            Lift
                          </Button>
                        )}
                      </Group>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
        {telling !== null && <Tell subject={telling.subject} onClose={() => setTelling(null)} />}
      </Stack>
    </Card>
  );
}

function Told({ one: { end } }: { one: RestrictedSubject }) {
  if (end === null) return <Text size="sm">not told yet</Text>;
  return (
    <Group gap="xs">
      <When at={end.endsAt} />
      {end.mail !== null && (
        <Badge variant="light" color={end.mail === 'sent' ? 'blue' : 'orange'}>
          mail {end.mail}
        </Badge>
      )}
    </Group>
  );
}

function Tell({ subject, onClose }: { subject: string; onClose: () => void }) {
  const queries = useQueryClient();
  const [how, setHow] = useState<'mail' | 'otherwise'>('mail');
  const [days, setDays] = useState(7);
  const [words, setWords] = useState('');
  const tell = useMutation({
    mutationFn: () => room.restrictions.end(subject, { how, days, words }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['restrictions'] });
      onClose();
    },
  });
  return (
    <Dialog
      title="Tell them that it ends"
      sending={tell}
      does="Tell them"
      onSend={() => tell.mutate()}
      ready={words.trim() !== ''}
      onClose={onClose}
    >
      <Select
        label="How they are told"
        data={[
          { value: 'mail', label: 'By mail, from here' },
          { value: 'otherwise', label: 'I have told them by letter or telephone' },
        ]}
        value={how}
        onChange={(value) => setHow(value === 'otherwise' ? 'otherwise' : 'mail')}
        openOnFocus={false}
        allowDeselect={false}
      />
      <NumberInput
        label="Days until it ends"
        min={1}
        max={90}
        value={days}
        onChange={(value) => setDays(Number(value))}
      />
      <Textarea
        label="Why it ends"
        description="They read it in the privacy center; the mail has the day and the way there"
        minRows={3}
        autosize
        maxLength={4000}
        required
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
    </Dialog>
  );
}
