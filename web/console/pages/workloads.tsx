/** Programs without a key: known by short-lived tokens of an issuer, such as a cluster or a build. */
import {
  Badge,
  Button,
  Card,
  Group,
  MultiSelect,
  SegmentedControl,
  Select,
  Stack,
  Table,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core';
import type { NewWorkload } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Confirm } from '../../ui/confirm.tsx';
import { textOf } from '../../ui/form.ts';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';
import { useCatalog, useRoles } from '../session.ts';

export function WorkloadsPage() {
  const queries = useQueryClient();
  const workloads = useQuery({ queryKey: ['workloads'], queryFn: () => room.workloads.list() });
  const [adding, setAdding] = useState(false);
  const renew = () => queries.invalidateQueries({ queryKey: ['workloads'] });
  const revoke = useMutation({ mutationFn: (id: string) => room.workloads.revoke(id), onSuccess: renew });
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Workloads
        </Title>
        <Button onClick={() => setAdding(true)}>Trust a workload</Button>
      </Group>
      {workloads.isPending && <Fetching what="workloads" />}
      {(workloads.isError || revoke.isError) && <Problem error={workloads.error ?? revoke.error} />}
      {workloads.data?.workloads.length === 0 && (
        <Empty title="No workload is trusted yet">
          A program that runs in a cluster or a build has a token of its own already. Trust its issuer and subject, and
          it needs no key that somebody could steal.
        </Empty>
      )}
      {workloads.data !== undefined && workloads.data.workloads.length > 0 && (
        <Card withBorder padding="xs">
          <Wide label="workloads" minWidth={680} stacks>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th>Role</Table.Th>
                  <Table.Th>Token</Table.Th>
                  <Table.Th>Only for</Table.Th>
                  <Table.Th>State</Table.Th>
                  <Table.Th ta="right">Change</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {workloads.data.workloads.map((one) => (
                  <Table.Tr key={one.id}>
                    <Table.Th scope="row" fw={500}>
                      {one.name}
                    </Table.Th>
                    <Table.Td>{one.role}</Table.Td>
                    <Table.Td className="wrap">
                      {one.subject}
                      <Text size="xs" c="dimmed">
                        of {one.issuer}, for {one.audience}; keys{' '}
                        {one.jwksUrl === null ? 'were given' : `from ${one.jwksUrl}`}
                      </Text>
                    </Table.Td>
                    <Table.Td>
                      {[...one.scope.purposes, ...one.scope.classes, ...one.scope.collections].join(', ') ||
                        'all of the role'}
                    </Table.Td>
                    <Table.Td>
                      <Badge color={one.revokedAt === null ? 'teal' : 'gray'} variant="light">
                        {one.revokedAt === null ? 'trusted' : 'disabled'}
                      </Badge>
                    </Table.Td>
                    <Table.Td ta="right">
                      {one.revokedAt === null && (
                        <Confirm
                          label="Disable"
                          name={`Disable ${one.name}`}
                          title={`Disable ${one.name}?`}
                          size="compact-sm"
                          onYes={() => revoke.mutate(one.id)}
                        >
                          Its next request fails, on every server. To let it in again, trust it anew.
                        </Confirm>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Wide>
        </Card>
      )}
      {adding && (
        <Trust
          onClose={() => setAdding(false)}
          onTrusted={async () => {
            setAdding(false);
            await renew();
          }}
        />
      )}
    </Stack>
  );
}

/** @throws SyntaxError where it is no JSON */
const keySet = (text: string): NewWorkload['jwks'] => JSON.parse(text) as NewWorkload['jwks'];
const isJson = (text: string): boolean => {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
};

function Trust({ onClose, onTrusted }: { onClose: () => void; onTrusted: () => Promise<unknown> }) {
  const [roles, catalog] = [useRoles(), useCatalog()];
  const [role, setRole] = useState<string | null>(null);
  const [purposes, setPurposes] = useState<string[]>([]);
  const [keys, setKeys] = useState<'url' | 'given'>('url');
  const [given, setGiven] = useState('');
  const trust = useMutation({
    mutationFn: (form: FormData) => {
      const text = (name: string): string => textOf(form, name).trim();
      return room.workloads.trust({
        name: text('name'),
        issuer: text('issuer'),
        subject: text('subject'),
        audience: text('audience'),
        role: role as string,
        ...(purposes.length === 0 ? {} : { purposes }),
        ...(keys === 'url' ? { jwksUrl: text('jwksUrl') } : { jwks: keySet(given) }),
      } as NewWorkload);
    },
    onSuccess: onTrusted,
  });
  const notJson = keys === 'given' && given.trim() !== '' && !isJson(given);
  return (
    <Dialog
      title="Trust a workload"
      sending={trust}
      does="Trust it"
      onSend={(form) => trust.mutate(form)}
      ready={role !== null && !notJson}
      onClose={onClose}
    >
      <TextInput name="name" label="Name" description="The program, as people call it" required />
      <TextInput name="issuer" label="Issuer" description="As the token says it in iss" required />
      <TextInput name="subject" label="Subject" description="As the token says it in sub" required />
      <TextInput name="audience" label="Audience" description="What the token is for: aud" required />
      <SegmentedControl
        aria-label="where its issuer's keys are"
        value={keys}
        onChange={(next) => setKeys(next)}
        data={[
          { value: 'url', label: 'Fetch the keys' },
          { value: 'given', label: 'Give the keys' },
        ]}
      />
      {keys === 'url' ? (
        <TextInput
          name="jwksUrl"
          label="Address of the issuer's keys"
          description="A JWK set, over https"
          type="url"
          required
        />
      ) : (
        <Textarea
          label="Public keys of the issuer"
          description='A JWK set: {"keys": […]}'
          value={given}
          onChange={(event) => setGiven(event.currentTarget.value)}
          error={notJson ? 'This is not JSON.' : undefined}
          autosize
          minRows={3}
          required
        />
      )}
      <Select
        label="Role"
        description="The narrowest that will do"
        data={roles}
        value={role}
        onChange={setRole}
        searchable
        required
      />
      <MultiSelect
        label="Only for these purposes"
        description="None: all of the role"
        data={catalog.data?.purposes.map(({ id, title }) => ({ value: id, label: title })) ?? []}
        value={purposes}
        onChange={setPurposes}
        searchable
      />
    </Dialog>
  );
}
