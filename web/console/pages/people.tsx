/** Who works here: invite, give roles, disable. Shown to roles that may manage people. */
import { Badge, Button, Card, Group, MultiSelect, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import type { Person } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Confirm } from '../../ui/confirm.tsx';
import { textOf } from '../../ui/form.ts';
import { ShownOnce } from '../../ui/shown-once.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';
import { useRoles } from '../session.ts';
import { NewLinkForm } from './new-link.tsx';

const COLOURS = { active: 'teal', invited: 'blue', disabled: 'gray' } as const;
const linkOf = (token: string): string => `${location.origin}/console/welcome#${encodeURIComponent(token)}`;

const factorsText = ({ totp, passkeys }: Person): string =>
  [passkeys > 0 ? `${passkeys} ${passkeys === 1 ? 'passkey' : 'passkeys'}` : '', totp ? 'app' : '']
    .filter((each) => each !== '')
    .join(', ') || 'none';

export function PeoplePage() {
  const queries = useQueryClient();
  const people = useQuery({ queryKey: ['people'], queryFn: () => room.people.list() });
  const roles = useRoles();
  const [editing, setEditing] = useState<Person | 'new' | null>(null);
  const [link, setLink] = useState<string | null>(null);
  const renew = () => queries.invalidateQueries({ queryKey: ['people'] });
  const [lost, setLost] = useState<Person | null>(null);
  const act = useMutation({
    mutationFn: async ({ id, what }: { id: string; what: 'disable' | 'enable' }) => {
      if (what === 'disable') await room.people.disable(id);
      if (what === 'enable') await room.people.enable(id);
    },
    onSuccess: renew,
  });
  if (people.isPending) return <Fetching what="people" />;
  if (people.isError) return <Problem error={people.error} />;
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          People
        </Title>
        <Button onClick={() => setEditing('new')}>Invite somebody</Button>
      </Group>
      {act.isError && <Problem error={act.error} />}
      {link !== null && (
        <ShownOnce
          title="Give this link to them, by a way that only they read"
          says="It lets one person in, once, and is not shown again."
          secret={linkOf(link)}
          onClose={() => setLink(null)}
        />
      )}
      {people.data.people.length === 0 ? (
        <Empty title="Nobody works here yet">Invite the first one.</Empty>
      ) : (
        <Card withBorder padding="xs">
          <Wide label="people" minWidth={680} stacks>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th>Roles</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th>Second factor</Table.Th>
                  <Table.Th ta="right">Change</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {people.data.people.map((one) => (
                  <Table.Tr key={one.id}>
                    <Table.Th scope="row" fw={500}>
                      {one.name}
                      <Text size="xs" c="dimmed" className="wrap">
                        {one.email}
                      </Text>
                    </Table.Th>
                    <Table.Td>
                      {one.roles.join(', ')}
                      {one.groupRoles.length > 0 && (
                        <Text size="xs" c="dimmed">
                          by group: {one.groupRoles.join(', ')}
                        </Text>
                      )}
                      {one.eligibleRoles.length > 0 && (
                        <Text size="xs" c="dimmed">
                          at rest, may ask for: {one.eligibleRoles.join(', ')}
                        </Text>
                      )}
                      {one.withheldRoles.length > 0 && (
                        <Text size="xs" c="dimmed">
                          withheld: {one.withheldRoles.join(', ')}
                        </Text>
                      )}
                    </Table.Td>
                    <Table.Td>
                      <Badge variant="light" color={COLOURS[one.state]}>
                        {one.state}
                      </Badge>
                    </Table.Td>
                    <Table.Td>{factorsText(one)}</Table.Td>
                    <Table.Td>
                      <Group gap={4} justify="flex-end">
                        <Button size="compact-sm" variant="default" onClick={() => setEditing(one)}>
                          Roles
                        </Button>
                        <Button size="compact-sm" variant="default" onClick={() => setLost(one)}>
                          New link
                        </Button>
                        {one.state === 'disabled' ? (
                          <Button
                            size="compact-sm"
                            variant="default"
                            loading={act.isPending && act.variables.id === one.id}
                            onClick={() => act.mutate({ id: one.id, what: 'enable' })}
                          >
                            Enable
                          </Button>
                        ) : (
                          <Confirm
                            label="Disable"
                            title={`Disable ${one.name}?`}
                            size="compact-sm"
                            onYes={() => act.mutate({ id: one.id, what: 'disable' })}
                          >
                            Their sessions end at once, and the keys that they made are revoked for good.
                          </Confirm>
                        )}
                      </Group>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        </Card>
      )}
      {lost !== null && (
        <NewLinkForm
          who={lost}
          onClose={() => setLost(null)}
          onDone={async (token) => {
            setLost(null);
            setLink(token);
            await renew();
          }}
        />
      )}
      {editing !== null && (
        <Edit
          who={editing}
          roles={roles}
          onClose={() => setEditing(null)}
          onDone={async (token) => {
            setEditing(null);
            setLink(token);
            await renew();
          }}
        />
      )}
    </Stack>
  );
}

function Edit({
  who,
  roles,
  onClose,
  onDone,
}: {
  who: Person | 'new';
  roles: readonly string[];
  onClose: () => void;
  onDone: (token: string | null) => Promise<unknown>;
}) {
  const [chosen, setChosen] = useState<string[]>(who === 'new' ? [] : [...who.roles]);
  const save = useMutation({
    mutationFn: async (form: FormData) => {
      const text = (name: string): string => textOf(form, name).trim();
      if (who !== 'new') {
        await room.people.setRoles(who.id, chosen);
        return null;
      }
      return (await room.people.invite({ email: text('email'), name: text('name'), roles: chosen })).token;
    },
    onSuccess: onDone,
  });
  return (
    <Dialog
      title={who === 'new' ? 'Invite somebody' : `Roles of ${who.name}`}
      sending={save}
      does={who === 'new' ? 'Make the link' : 'Save'}
      onSend={(form) => save.mutate(form)}
      ready={chosen.length > 0}
      onClose={onClose}
    >
      {who === 'new' && <TextInput name="name" label="Name" required />}
      {who === 'new' && <TextInput name="email" label="E-mail" type="email" required />}
      <MultiSelect
        label="Roles"
        data={[...roles]}
        value={chosen}
        onChange={setChosen}
        description="One is active at a time"
        searchable
        required={chosen.length === 0}
      />
    </Dialog>
  );
}
