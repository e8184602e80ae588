/** What versions of policies and of the catalogue have in common: how one is proposed, their list, their state, and the two steps to holding. */
import { Anchor, Badge, Button, Card, Group, Table, Text, TextInput, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';

import { Confirm } from '../ui/confirm.tsx';
import { Wide } from '../ui/wide.tsx';
import { Refused } from './pages/step-up.tsx';
import { useDoers } from './names.ts';
import { useSession } from './session.ts';
import { dayOf, When } from './when.tsx';

type Version = Readonly<{
  id: string;
  hash: string;
  state: string;
  note: string;
  proposedBy: string;
  proposedAt: string;
  approvedBy: string | null;
}>;

const COLOURS: Readonly<Record<string, string>> = {
  active: 'teal',
  approved: 'blue',
  validated: 'indigo',
  proposed: 'indigo',
  draft: 'orange',
  retired: 'gray',
};

export const VersionState = ({ state }: { state: string }) => (
  <Badge variant="light" color={COLOURS[state] ?? 'gray'}>
    {state}
  </Badge>
);

/** @param at address of the list, without a slash at the end @param first what stands where nobody had to approve */
export function VersionList({ versions, at, first }: { versions: readonly Version[]; at: string; first: string }) {
  const doer = useDoers();
  return (
    <Card withBorder padding="xs">
      <Wide label="versions" minWidth={620} stacks>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Version</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>What for</Table.Th>
              <Table.Th>Proposed</Table.Th>
              <Table.Th>Approved by</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {versions.map((one) => (
              <Table.Tr key={one.id}>
                <Table.Th scope="row" fw={500}>
                  <Anchor component={Link} to={`${at}/${one.id}`} size="sm" underline="always" className="mono">
                    {dayOf(one.proposedAt)} …{one.id.slice(-8)}
                  </Anchor>
                </Table.Th>
                <Table.Td>
                  <VersionState state={one.state} />
                </Table.Td>
                <Table.Td className="wrap">{one.note}</Table.Td>
                <Table.Td>
                  <When at={one.proposedAt} />
                </Table.Td>
                <Table.Td>
                  {one.approvedBy === null ? (one.proposedBy === 'system' ? first : '–') : doer(one.approvedBy)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Card>
  );
}

/** The end of a draft: what it is for, and that somebody else will look at it. */
export function ProposeIt({
  ready,
  isPending,
  propose,
}: {
  ready: boolean;
  isPending: boolean;
  propose: (note: string) => void;
}) {
  const [note, setNote] = useState('');
  return (
    <>
      <Group align="flex-end">
        <TextInput
          label="What is it for?"
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          maxLength={500}
          flex={1}
        />
        <Button onClick={() => propose(note.trim())} loading={isPending} disabled={note.trim() === '' || !ready}>
          Propose
        </Button>
      </Group>
      <Text size="sm" c="dimmed">
        {ready ? '' : 'Look at what it would change first. '}Whoever proposes a version cannot approve it.
      </Text>
    </>
  );
}

/** By its day and the end of its id, which no line parts from its dots. */
const VersionName = ({ id, proposedAt }: { id: string; proposedAt: string | undefined }) => (
  <>
    Version {proposedAt !== undefined && `of ${dayOf(proposedAt)} `}
    <span style={{ whiteSpace: 'nowrap' }}>…{id.slice(-8)}</span>
  </>
);

/** Which version it is, and its two steps: another person approves, who may have to show a factor again; then it is activated. */
export function VersionHead<Activated>({
  version: { id, hash, state, note, proposedBy, proposedAt },
  back,
  title = <VersionName id={id} proposedAt={proposedAt} />,
  waits,
  says,
  approveIt,
  activateIt,
  told,
}: {
  version: Omit<Version, 'proposedAt' | 'approvedBy'> & Readonly<{ proposedAt?: string }>;
  back: Readonly<{ to: string; title: string }>;
  title?: ReactNode;
  /** The state in which it waits for approval. */
  waits: string;
  says: string;
  approveIt: (id: string, hash: string) => Promise<unknown>;
  activateIt: (id: string) => Promise<Activated>;
  /** What there is to say of an activation. */
  told?: (activated: Activated) => ReactNode;
}) {
  const session = useSession();
  const queries = useQueryClient();
  const onSuccess = () => queries.invalidateQueries();
  const approve = useMutation({ mutationFn: () => approveIt(id, hash), onSuccess });
  const activate = useMutation({ mutationFn: () => activateIt(id), onSuccess });
  const [waiting, mine] = [state === waits, proposedBy === session.data?.person];
  return (
    <>
      <Group justify="space-between">
        <div>
          <Text component={Link} to={back.to} size="sm" c="dimmed">
            ← {back.title}
          </Text>
          <Group gap="xs">
            <Title order={1} size="h2">
              {title}
            </Title>
            <VersionState state={state} />
          </Group>
          <Text size="sm" c="dimmed">
            {note}
          </Text>
        </div>
        <Group>
          {waiting && mine && <Text size="sm">Somebody else has to approve it.</Text>}
          {waiting && !mine && (
            <Button onClick={() => approve.mutate()} loading={approve.isPending}>
              Approve
            </Button>
          )}
          {state === 'approved' && (
            <Confirm
              label="Activate"
              title="Activate this version?"
              variant="filled"
              loading={activate.isPending}
              onYes={() => activate.mutate()}
            >
              {says}
            </Confirm>
          )}
        </Group>
      </Group>
      {[approve, activate].map(
        (each, at) => each.isError && <Refused key={at} error={each.error} again={() => each.mutate()} />,
      )}
      {activate.data !== undefined && told?.(activate.data)}
    </>
  );
}
