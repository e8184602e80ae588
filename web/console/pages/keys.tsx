/** API keys of programs: made here, shown once, revoked at once. */
import { Badge, Button, Card, Group, NumberInput, Select, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Confirm } from '../../ui/confirm.tsx';
import { textOf } from '../../ui/form.ts';
import { ShownOnce } from '../../ui/shown-once.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';

export function KeysPage() {
  const queries = useQueryClient();
  const keys = useQuery({ queryKey: ['keys'], queryFn: () => room.keys.list() });
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const renew = () => queries.invalidateQueries({ queryKey: ['keys'] });
  const revoke = useMutation({ mutationFn: (id: string) => room.keys.revoke(id), onSuccess: renew });
  if (keys.isPending) return <Fetching what="keys" />;
  if (keys.isError) return <Problem error={keys.error} />;
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Keys of programs
        </Title>
        <Button onClick={() => setMaking(true)}>Make a key</Button>
      </Group>
      {revoke.isError && <Problem error={revoke.error} />}
      {made !== null && (
        <ShownOnce
          title="This is the key"
          says="Put it where its program reads it. It is not shown again."
          secret={made}
          onClose={() => setMade(null)}
        />
      )}
      {keys.data.keys.length === 0 ? (
        <Empty title="There is no key yet">Make one for each program, with the narrowest role that will do.</Empty>
      ) : (
        <Card withBorder padding="xs">
          <Wide label="keys" minWidth={560} stacks>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th>Role</Table.Th>
                  <Table.Th>Purposes</Table.Th>
                  <Table.Th>Ends</Table.Th>
                  <Table.Th />
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {keys.data.keys.map((one) => (
                  <Table.Tr key={one.id}>
                    <Table.Th scope="row" fw={500}>
                      {one.name}
                    </Table.Th>
                    <Table.Td>{one.role}</Table.Td>
                    <Table.Td>{one.scope.purposes.join(', ') || 'all of the role'}</Table.Td>
                    <Table.Td>
                      {one.expiresAt === null ? 'never' : new Date(one.expiresAt).toLocaleDateString()}
                    </Table.Td>
                    <Table.Td ta="right">
                      {one.revokedAt === null ? (
                        <Confirm
                          label="Revoke"
                          name={`Revoke ${one.name}`}
                          title={`Revoke ${one.name}?`}
                          size="compact-xs"
                          onYes={() => revoke.mutate(one.id)}
                        >
                          The next request with this key fails, on every server. It cannot be taken back.
                        </Confirm>
                      ) : (
                        <Badge color="gray" variant="light">
                          revoked
                        </Badge>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        </Card>
      )}
      {making && (
        <Make
          onClose={() => setMaking(false)}
          onMade={async (key) => {
            setMade(key);
            setMaking(false);
            await renew();
          }}
        />
      )}
    </Stack>
  );
}

function Make({ onClose, onMade }: { onClose: () => void; onMade: (key: string) => Promise<unknown> }) {
  const policies = useQuery({ queryKey: ['policy', 'active'], queryFn: () => room.policies.get('active') });
  const [role, setRole] = useState<string | null>(null);
  const [days, setDays] = useState<number | string>(90);
  const make = useMutation({
    mutationFn: async (name: string) =>
      (await room.keys.create({ name, role: role as string, expiresInDays: Number(days) })).key,
    onSuccess: onMade,
  });
  const says = role === null ? undefined : policies.data?.document.roles[role]?.says;
  return (
    <Dialog
      title="Make a key"
      sending={make}
      does="Make"
      onSend={(form) => make.mutate(textOf(form, 'name'))}
      ready={role !== null}
      onClose={onClose}
    >
      <TextInput name="name" label="Name" description="The program that will have it" required />
      <Select
        label="Role"
        data={Object.keys(policies.data?.document.roles ?? {})}
        value={role}
        onChange={setRole}
        searchable
        required
      />
      {says !== undefined && <Text size="sm">{says}</Text>}
      <NumberInput label="Days" min={1} max={90} value={days} onChange={setDays} />
    </Dialog>
  );
}
