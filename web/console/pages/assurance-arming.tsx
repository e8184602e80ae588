/** Arming: who let attacks run here, until when; two people. And the switch that stops everything. */
import {
  Alert,
  Badge,
  Button,
  Card,
  Checkbox,
  Group,
  NumberInput,
  Stack,
  Table,
  Text,
  Textarea,
  Title,
} from '@mantine/core';
import { IconHandStop, IconShieldCheck } from '@tabler/icons-react';
import type { Arm } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { Listed } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { useDoers } from '../names.ts';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { Refused } from './step-up.tsx';

const STATES = { proposed: 'orange', armed: 'teal', over: 'gray' } as const;

export function AssuranceArmingPage() {
  const queries = useQueryClient();
  const [who, nameOf] = [useWhoAmI().data, useDoers()];
  const mayArm = who?.actions.includes('assurance.arm') === true;
  const arms = useQuery({ queryKey: ['assurance', 'arms'], queryFn: ({ signal }) => room.assurance.arms({ signal }) });
  const again = () => queries.invalidateQueries({ queryKey: ['assurance'] });
  const step = useMutation({ mutationFn: ({ id, verb }: { id: string; verb: 'approve' | 'end' }) => (verb === 'approve' ? room.assurance.approveArm(id) : room.assurance.endArm(id)), onSuccess: again }); // prettier-ignore
  if (arms.isPending) return <Fetching what="who armed what" />;
  if (arms.isError) return <Problem error={arms.error} />;
  return (
    <Stack>
      <Title order={1} size="h2">
        Arming
      </Title>
      <Text size="sm">
        Tests that attack, and those that make parts fail, run on a system people work with only while two people let
        them. They reach persons who are made up, and nobody else.
      </Text>
      <Switch mayArm={mayArm} armed={arms.data.arms.filter(({ state }) => state === 'armed')} />
      {step.isError && <Refused error={step.error} again={() => step.reset()} />}
      {arms.data.arms.length === 0 ? (
        <Card withBorder>
          <Empty title="Nobody armed anything">Tests that only look run all the same.</Empty>
        </Card>
      ) : (
        <Listed title="What was let run, and by whom" head={['What', 'State', 'Until', 'Why', 'Proposed by', 'Approved by', '']} minWidth={900} stacks>
          {arms.data.arms.map(({ id, kinds, state, until, reason, proposedBy, approvedBy }) => (
            <Table.Tr key={id}>
              <Table.Th scope="row" fw={500}>
                {kinds.join(', ')}
              </Table.Th>
              <Table.Td>
                <Badge variant="light" color={STATES[state]}>
                  {state}
                </Badge>
              </Table.Td>
              <Table.Td>
                <When at={until} />
              </Table.Td>
              <Table.Td className="wrap">{reason}</Table.Td>
              <Table.Td className="wrap">{nameOf(proposedBy)}</Table.Td>
              <Table.Td className="wrap">{approvedBy === null ? 'nobody yet' : nameOf(approvedBy)}</Table.Td>
              <Table.Td>
                {mayArm && state !== 'over' && (
                  <Group gap="xs">
                    {state === 'proposed' && (
                      <Button size="xs" loading={step.isPending} disabled={proposedBy === who.id} onClick={() => step.mutate({ id, verb: 'approve' })}>
                        Approve
                      </Button>
                    )}
                    <Button size="xs" variant="default" onClick={() => step.mutate({ id, verb: 'end' })}>
                      End
                    </Button>
                    {state === 'proposed' && proposedBy === who.id && <Text size="sm">Somebody else has to approve it.</Text>}
                  </Group>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Listed>
      )}
      {mayArm && <Propose onDone={() => void again()} />}
    </Stack>
  ); // prettier-ignore
}

function Propose({ onDone }: { onDone: () => void }) {
  const [kinds, setKinds] = useState<string[]>(['attack']);
  const [days, setDays] = useState(30);
  const [reason, setReason] = useState('');
  const propose = useMutation({
    mutationFn: () => room.assurance.proposeArm({ kinds: kinds as ('attack' | 'chaos')[], days, reason }),
    onSuccess: () => {
      setReason('');
      onDone();
    },
  });
  const send = (event: FormEvent): void => {
    event.preventDefault();
    propose.mutate();
  };
  return (
    <Card withBorder>
      <form onSubmit={send}>
        <Stack>
          <Title order={2} size="h4">
            Let something run
          </Title>
          <Checkbox.Group label="What may run" value={kinds} onChange={setKinds}>
            <Group mt="xs">
              <Checkbox value="attack" label="attacks" />
              <Checkbox value="chaos" label="chaos: parts that fail for a moment" />
            </Group>
          </Checkbox.Group>
          <NumberInput label="Days" min={1} max={90} value={days} onChange={(value) => setDays(Number(value))} />
          <Textarea label="Why" required value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
          {propose.isError && <Refused error={propose.error} again={() => propose.reset()} />}
          <Group justify="flex-end">
            <Button type="submit" loading={propose.isPending} disabled={kinds.length === 0}>
              Propose
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  );
}

/** What tests may do at this moment, apart from looking. */
const mayRunNow = (armed: readonly Arm[]): string =>
  armed.length === 0
    ? 'Nothing is armed: tests that only look may run, none that attacks or makes parts fail.'
    : `Armed now: ${[...new Set(armed.flatMap(({ kinds }) => kinds))].join(', ')}.`;

function Switch({ mayArm, armed }: { mayArm: boolean; armed: readonly Arm[] }) {
  const [queries, nameOf] = [useQueryClient(), useDoers()];
  const [reason, setReason] = useState('');
  const posture = useQuery({ queryKey: ['assurance', 'posture'], queryFn: ({ signal }) => room.assurance.posture({ signal }) }); // prettier-ignore
  const turn = useMutation({
    mutationFn: (to: 'off' | 'on') => (to === 'off' ? room.assurance.pullSwitch(reason) : room.assurance.releaseSwitch()), // prettier-ignore
    onSuccess: () => {
      setReason('');
      return queries.invalidateQueries({ queryKey: ['assurance'] });
    },
  });
  if (posture.isError) return <Problem error={posture.error} />;
  const off = posture.data?.switch;
  if (off === undefined) return <Fetching what="the switch" />;
  const isPulled = off.pulled;
  return (
    <Alert color={isPulled ? 'red' : 'gray'} icon={isPulled ? <IconHandStop aria-hidden /> : <IconShieldCheck aria-hidden />} title={isPulled ? 'Tests are switched off' : 'Tests are not stopped'}>
      <Stack gap="xs">
        <Text size="sm" className="wrap">
          {isPulled ? `${off.reason} (${nameOf(off.by ?? '')})` : `${mayRunNow(armed)} Whoever may arm can stop all tests at once, also one that runs.`}
        </Text>
        {mayArm && (
          <Group align="flex-end">
            {!isPulled && <Textarea label="Why they stop" autosize minRows={1} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />}
            <Button color="red" variant={isPulled ? 'default' : 'filled'} loading={turn.isPending} disabled={!isPulled && reason.trim() === ''} onClick={() => turn.mutate(isPulled ? 'on' : 'off')}>
              {isPulled ? 'Let tests run again' : 'Stop all tests'}
            </Button>
          </Group>
        )}
        {turn.isError && <Refused error={turn.error} again={() => turn.reset()} />}
      </Stack>
    </Alert>
  ); // prettier-ignore
}
