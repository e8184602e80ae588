/** Profiles: proposed as JSON, looked at and approved by another, run by whoever the policies let. */
import { Badge, Button, Card, Group, JsonInput, Table, Text, Title } from '@mantine/core';
import type { ExportProfile, ExportProfileView } from '@strongroom/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Confirm } from '../../ui/confirm.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { Empty, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { Dialog } from '../dialog.tsx';
import { useFieldTitles } from '../field-titles.ts';
import { useNames } from '../names.ts';
import { usePurposes } from '../purposes.ts';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { stepWords, useProfiles } from './exports-words.ts';
import { Refused } from './step-up.tsx';

const COLOURS = { proposed: 'orange', approved: 'teal', retired: 'gray' } as const;
const AS = { clear: 'as it is', mask: 'masked', coarsen: 'coarse', pseudonym: 'a pseudonym' } as const;
const ROLES = { quasi: 'may point to somebody together with others', sensitive: 'sensitive' } as const;
const BEGINNING: ExportProfile = {
  kind: 'records',
  name: 'profile',
  collection: 'customer',
  purpose: 'analytics.product',
  recipient: { name: 'desk', where: 'inside' },
  fields: { '@subject': { as: 'pseudonym' }, country: { as: 'clear', role: 'quasi' } },
  k: 5,
  l: 1,
  maxSuppressedPercent: 5,
};

export function Profiles() {
  const [proposing, setProposing] = useState(false);
  const mayPropose = useWhoAmI().data?.actions.includes('exports.propose') === true;
  const found = useProfiles();
  return (
    <Card withBorder padding="xs" component="section" aria-label="what may leave">
      <Group justify="space-between" p="xs">
        <Title order={2} size="h4">
          What may leave
        </Title>
        {mayPropose && (
          <Button variant="default" onClick={() => setProposing(true)}>
            Propose a profile
          </Button>
        )}
      </Group>
      {found.isError && <Problem error={found.error} />}
      {found.data?.profiles.length === 0 && (
        <Empty title="There is no profile yet">
          A profile says which fields leave, how, and for whom.{' '}
          {mayPropose
            ? 'Press “Propose a profile” above; somebody else approves it, and then it can be run.'
            : 'Somebody whose role proposes profiles begins, another approves.'}
        </Empty>
      )}
      {found.data !== undefined && found.data.profiles.length > 0 && (
        <Wide label="profiles" minWidth={680} stacks>
          <Table>
            <Table.Caption>
              k: at least this many people look alike in the file. l: what is sensitive has at least this many different
              values among them. ε: how much all answers together may tell of one person; less is safer.
            </Table.Caption>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Profile</Table.Th>
                <Table.Th>To whom</Table.Th>
                <Table.Th>What</Table.Th>
                <Table.Th>Promises</Table.Th>
                <Table.Th>State</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.data.profiles.map((each) => (
                <Row key={each.id} view={each} />
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
      {proposing && <Propose onClose={() => setProposing(false)} />}
    </Card>
  );
}

function Row({ view: { id, hash, state, proposedBy, approvedBy, profile } }: { view: ExportProfileView }) {
  const [nameOf, purposeOf] = [useNames(), usePurposes()];
  const { collectionOf, fieldOf } = useFieldTitles();
  const { recipient, purpose, collection, name, kind } = profile;
  const lines =
    profile.kind === 'records'
      ? Object.entries(profile.fields).map(
          ([field, { as, role, steps = [] }]) =>
            `${field === '@subject' ? 'the person' : fieldOf(collection, field)}: ${[AS[as], ...(role === undefined ? [] : [ROLES[role]])].join(', ')}${steps.length === 0 ? '' : `, made coarser: ${steps.map(stepWords).join(', then ')}`}`,
        )
      : Object.entries(profile.dimensions).map(
          ([field, { step, values }]) => `by ${fieldOf(collection, field)}${step === undefined ? '' : `, ${stepWords(step)}`}${values === undefined ? '' : `: ${values.slice(0, 8).join(', ')}${values.length > 8 ? ` and ${values.length - 8} more` : ''}`}`,
        ); // prettier-ignore
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>
        {name}
        <Text size="xs" c="dimmed">
          {kind}: {collectionOf(collection)}
        </Text>
      </Table.Th>
      <Table.Td>
        {recipient.name}, {recipient.where}
        <Text size="xs" c="dimmed">
          for {purposeOf(purpose)}
        </Text>
      </Table.Td>
      <Table.Td>
        {lines.map((line) => (
          <Text key={line} size="xs">
            {line}
          </Text>
        ))}
      </Table.Td>
      <Table.Td>
        {profile.kind === 'records'
          ? `groups of at least ${profile.k ?? 1} people (k)${(profile.l ?? 1) === 1 ? '' : `, each with at least ${profile.l ?? 1} different values (l)`}; at most ${profile.maxSuppressedPercent ?? 0} % left out`
          : `a budget of ε ${profile.budgetMilli / 1000} for all questions together, at most ${profile.maxEpsilonMilli / 1000} for one`}
      </Table.Td>
      <Table.Td>
        <Badge variant="light" color={COLOURS[state]}>
          {state}
        </Badge>
        <Text size="xs" c="dimmed">
          by {nameOf(proposedBy)}
          {approvedBy !== null && `, approved by ${nameOf(approvedBy)}`}
        </Text>
        <Actions id={id} hash={hash} state={state} profile={profile} />
      </Table.Td>
    </Table.Tr>
  );
}

function Actions({ id, hash, state, profile }: Pick<ExportProfileView, 'id' | 'hash' | 'state' | 'profile'>) {
  const may = useWhoAmI().data?.actions ?? [];
  const queries = useQueryClient();
  const onSuccess = (): Promise<void> => queries.invalidateQueries({ queryKey: ['exports'] });
  const approve = useMutation({ mutationFn: () => room.exports.approve(id, hash), onSuccess });
  const retire = useMutation({ mutationFn: () => room.exports.retire(id), onSuccess });
  const run = useMutation({
    mutationFn: async () => {
      const { body } = await room.exports.run(id);
      saveFile(`${profile.name}.jsonl`, await new Response(body).blob());
    },
    onSettled: onSuccess,
  });
  return (
    <>
      <Group gap="xs" mt={4}>
        {state === 'proposed' && may.includes('exports.approve') && (
          <Confirm
            label="Approve"
            name={`Approve the profile ${profile.name}`}
            title={`Approve ${profile.name}?`}
            size="compact-sm"
            onYes={() => approve.mutate()}
          >
            From then on this leaves to {profile.recipient.name} whenever somebody whom the policies let asks for it.
          </Confirm>
        )}
        {state === 'approved' && profile.kind === 'records' && may.includes('exports.run') && (
          <Button
            size="compact-sm"
            variant="default"
            aria-label={`Run ${profile.name}`}
            loading={run.isPending}
            onClick={() => run.mutate()}
          >
            Run
          </Button>
        )}
        {state !== 'retired' && may.includes('exports.propose') && (
          <Confirm
            label="Retire"
            name={`Retire ${profile.name}`}
            title={`Retire ${profile.name}?`}
            size="compact-sm"
            onYes={() => retire.mutate()}
          >
            Nothing leaves by it any more. What left stays in the list below.
          </Confirm>
        )}
      </Group>
      {approve.isError && <Refused error={approve.error} again={() => approve.mutate()} />}
      {retire.isError && <Problem error={retire.error} />}
      {run.isError && <Refused error={run.error} again={() => run.mutate()} />}
    </>
  );
}

function Propose({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [text, setText] = useState(JSON.stringify(BEGINNING, null, 2));
  const propose = useMutation({
    mutationFn: () => room.exports.propose(JSON.parse(text) as ExportProfile),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['exports'] });
      onClose();
    },
  });
  return (
    <Dialog
      title="Propose a profile"
      size="lg"
      sending={propose}
      does="Propose"
      onSend={() => propose.mutate()}
      ready={isJson(text)}
      onClose={onClose}
    >
      <JsonInput
        label="Profile"
        description="docs/practices/collection.md says what each entry means; what is not named does not leave"
        value={text}
        onChange={setText}
        validationError="This is not JSON"
        autosize
        minRows={12}
        maxRows={24}
      />
      <Text size="sm">Somebody else approves it, exactly as it is.</Text>
    </Dialog>
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
