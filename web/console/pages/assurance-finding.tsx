/** One finding: what happened to it, and what can be done. */
import { Alert, Button, Card, Group, NumberInput, Stack, Table, Text, Textarea, TextInput, Title } from '@mantine/core';
import type { WholeFinding } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { capital } from '../../ui/capital.ts';
import { Listed } from '../../ui/listed.tsx';
import { Fetching, Problem } from '../../ui/states.tsx';
import { Dialog } from '../dialog.tsx';
import { useDoers } from '../names.ts';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { dayOf, When } from '../when.tsx';
import { Judging } from './assurance-judge.tsx';
import { HowBad } from './assurance-parts.tsx';
import { Refused } from './step-up.tsx';

const LABELS = { triage: 'Triage', start: 'Start work', ready: 'Ready for retest', fixed: 'It is fixed', 'false-positive': 'False positive', reopen: 'Open again' } as const; // prettier-ignore
type Move = keyof typeof LABELS;
/** What says more than its name asks for words. */
const WORDS: ReadonlySet<string> = new Set(['fixed', 'false-positive', 'reopen']);
/** The way it is meant to go. */
const ONWARD: ReadonlySet<string> = new Set(['triage', 'start', 'ready']);
/** What happened, where the log of it has a word of its own. */
const DONE: Readonly<Record<string, string>> = {
  triage: 'Triaged', start: 'Work begun', ready: 'Made ready for a retest', fixed: 'Said to be fixed', 'false-positive': 'Said to be a false positive', reopen: 'Opened again', reopened: 'Opened again',
  propose: 'Proposed: to live with it', accept: 'Approved: to live with it', refuse: 'Refused: to live with it', judge: 'Severity changed', duplicate: 'Said to be a duplicate', 'not-affected': 'Said not to be affected', vex: 'Said in a VEX', owner: 'Owner changed',
}; // prettier-ignore
const isMove = (can: string): can is Move => can in LABELS;

export function AssuranceFindingPage({ id }: { id: string }) {
  const found = useQuery({ queryKey: ['assurance', 'finding', id], queryFn: ({ signal }) => room.assurance.finding(id, { signal }) }); // prettier-ignore
  const nameOf = useDoers();
  if (found.isPending) return <Fetching what="the finding" />;
  if (found.isError) return <Problem error={found.error} />;
  const one = found.data;
  return (
    <Stack>
      <div>
        <Text component={Link} to="/assurance/findings" size="sm" c="dimmed">
          ← Findings
        </Text>
        <Group justify="space-between">
          <Title order={1} size="h2">
            {one.title}
          </Title>
          <HowBad of={one.severity} />
        </Group>
      </div>
      <Text size="sm" className="wrap" component="div">
        {capital(one.state)}; {one.overdue ? 'overdue since' : 'due'} <When at={one.dueAt} />. Where: {one.asset} {one.place}. Found by {one.source},{' '}
        {one.seen === 1 ? 'once' : `${one.seen} times`}, first <When at={one.firstSeenAt} />. {one.owner === null ? 'Nobody is assigned to it.' : `${nameOf(one.owner)} works on it.`}
      </Text>
      {one.testId !== null && (
        <Alert title={`Control test ${one.testId} found it`}>It is closed when that test passes, and in no other way.</Alert>
      )}
      <Work found={one} />
      {one.description !== '' && (
        <Card withBorder>
          <Text size="sm" className="wrap" style={{ whiteSpace: 'pre-wrap' }}>
            {one.description}
          </Text>
        </Card>
      )}
      <Listed title="What happened to it" head={['When', 'What', 'State', 'By', 'Note']} minWidth={640} stacks>
        {one.events.map(({ seq, at, what, to, by, note }) => (
          <Table.Tr key={seq}>
            <Table.Td>
              <When at={at} />
            </Table.Td>
            <Table.Th scope="row" fw={500}>
              {DONE[what] ?? capital(what)}
            </Table.Th>
            <Table.Td>{to}</Table.Td>
            <Table.Td className="wrap">{nameOf(by)}</Table.Td>
            <Table.Td>{note}</Table.Td>
          </Table.Tr>
        ))}
      </Listed>
    </Stack>
  ); // prettier-ignore
}

function Work({ found }: { found: WholeFinding }) {
  const queries = useQueryClient();
  const [who, nameOf] = [useWhoAmI().data, useDoers()];
  const actions = who?.actions ?? [];
  const [asks, setAsks] = useState<Move | 'accept' | null>(null);
  const [note, setNote] = useState('');
  const [control, setControl] = useState('');
  const [days, setDays] = useState(30);
  const done = async () => {
    setAsks(null);
    setNote('');
    await queries.invalidateQueries({ queryKey: ['assurance'] });
  };
  const { id, version } = found;
  const move = useMutation({ mutationFn: (to: Move) => room.assurance.change(id, { version, note, move: to }), onSuccess: done });
  const propose = useMutation({ mutationFn: () => room.assurance.proposeAcceptance(id, { version, days, control, reason: note }), onSuccess: done });
  const decide = useMutation({ mutationFn: (verdict: 'approve' | 'refuse') => room.assurance[verdict === 'approve' ? 'approveAcceptance' : 'refuseAcceptance'](id, { version, note: '' }), onSuccess: done });
  const [works, accepts] = [actions.includes('findings.work'), actions.includes('findings.accept')];
  const proposed = found.acceptances.find(({ state }) => state === 'proposed');
  const isMine = proposed !== undefined && proposed.proposedBy === who?.id;
  if (!works && !accepts) return <Alert title="You can read along">Your role does not work on findings.</Alert>;
  const onClose = (): void => {
    // what was cancelled is said of nothing else
    setAsks(null);
    setNote('');
    move.reset();
    propose.reset();
  };
  const why = <Textarea label="Why" required value={note} onChange={(event) => setNote(event.currentTarget.value)} />;
  return (
    <>
      {proposed !== undefined && (
        <Alert title={`Proposed: to live with it until ${dayOf(proposed.until)}`}>
          <Text size="sm">
            Why: {proposed.reason}. In place of the fix: {proposed.control}. {isMine ? 'You proposed it: somebody else has to approve it.' : `Proposed by ${nameOf(proposed.proposedBy)}.`}
          </Text>
          {accepts && (
            <Group mt="xs">
              <Button loading={decide.isPending} disabled={isMine} onClick={() => decide.mutate('approve')}>
                Approve
              </Button>
              <Button variant="default" onClick={() => decide.mutate('refuse')}>
                Refuse
              </Button>
            </Group>
          )}
          {decide.isError && <Refused error={decide.error} again={() => decide.reset()} />}
        </Alert>
      )}
      {works && (
        <Group gap="xs">
          {found.can.filter(isMove).map((can) => (
            <Button key={can} variant={ONWARD.has(can) ? 'filled' : 'default'} loading={move.isPending} onClick={() => (WORDS.has(can) ? setAsks(can) : move.mutate(can))}>
              {LABELS[can]}
            </Button>
          ))}
          {found.can.includes('accept') && (
            <Button variant="default" onClick={() => setAsks('accept')}>
              Live with it for a while
            </Button>
          )}
        </Group>
      )}
      {works && <Judging found={found} />}
      {move.isError && asks === null && <Refused error={move.error} again={() => move.reset()} />}
      {asks === 'accept' && (
        <Dialog title="Live with it for a while" sending={propose} does="Propose" onSend={() => propose.mutate()} onClose={onClose}>
          {why}
          <TextInput label="What stands in for the fix" required value={control} onChange={(event) => setControl(event.currentTarget.value)} />
          <NumberInput label="Days" min={1} max={180} value={days} onChange={(value) => setDays(Number(value))} />
        </Dialog>
      )}
      {asks !== null && asks !== 'accept' && (
        <Dialog title={LABELS[asks]} sending={move} does={LABELS[asks]} onSend={() => move.mutate(asks)} onClose={onClose}>
          {why}
        </Dialog>
      )}
    </>
  );
} // prettier-ignore
