/** Who is exempt, who is to be, and who is away: what the training team asked for, with what another person does about it. */
import { Badge, Button, Group, Stack, Table, Text } from '@mantine/core';
import type { Exemptions, TrainingCoverage } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { Confirm } from '../../ui/confirm.tsx';
import { counted, Listed } from '../../ui/listed.tsx';
import { Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { useSession } from '../session.ts';
import { When } from '../when.tsx';
import { Refused } from './step-up.tsx';

type Exemption = Exemptions['exemptions'][number];
type People = TrainingCoverage['people'];
type May = Readonly<{ manage: boolean; approve: boolean }>;

export function Exceptions({ people, may }: { people: People; may: May }) {
  const exemptions = useQuery({ queryKey: ['exemptions'], queryFn: () => room.education.exemptions() });
  const absences = useQuery({ queryKey: ['absences'], queryFn: () => room.education.absences() });
  const nameOf = (id: string | null): string => people.find((each) => each.id === id)?.name ?? id ?? '';
  const titleOf = ({ kind, text }: Exemption): string =>
    people.flatMap(({ duties }) => duties).find((duty) => duty.kind === kind && duty.id === text)?.title ?? text;
  const [exempt, away] = [exemptions.data?.exemptions ?? [], absences.data?.absences ?? []];
  return (
    <Stack>
      {exemptions.isError && <Problem error={exemptions.error} />}
      {absences.isError && <Problem error={absences.error} />}
      {exempt.length > 0 && (
        <Listed title={counted(exempt.length, 'exemption')} head={['Person', 'From what', 'Why', 'Until', 'State', '']} minWidth={820} stacks>
          {exempt.map((each) => (
            <OneExemption key={each.id} of={each} name={nameOf(each.person)} title={titleOf(each)} nameOf={nameOf} may={may} />
          ))}
        </Listed>
      )}
      {away.length > 0 && (
        <Listed title="Away" head={['Person', 'From', 'Until', '']} minWidth={520} stacks>
          {away.map((each) => (
            <OneAbsence key={each.id} of={each} name={nameOf(each.person)} may={may} />
          ))}
        </Listed>
      )}
      {exemptions.isSuccess && absences.isSuccess && exempt.length + away.length === 0 && (
        <Text size="sm" c="dimmed">
          Nobody is exempt, and nobody is noted as away.
        </Text>
      )}
    </Stack>
  );
} // prettier-ignore

/** Ended: whichever way. */
const stateOf = ({ approvedBy, endedAt, until }: Exemption): 'ended' | 'holds' | 'waits' =>
  endedAt !== null || Date.parse(until) < Date.now() ? 'ended' : approvedBy === null ? 'waits' : 'holds';
const STATES = { ended: ['ended', 'gray'], holds: ['holds', 'teal'], waits: ['waits for another person', 'orange'] } as const; // prettier-ignore

type ExemptionProps = { of: Exemption; name: string; title: string; nameOf: (id: string | null) => string; may: May };

function OneExemption({ of, name, title, nameOf, may }: ExemptionProps) {
  const [queries, me] = [useQueryClient(), useSession().data?.person];
  const onSuccess = () => queries.invalidateQueries();
  const approve = useMutation({ mutationFn: () => room.education.approveExemption(of.id), onSuccess });
  const end = useMutation({ mutationFn: () => room.education.endExemption(of.id), onSuccess });
  const state = stateOf(of);
  const mine = of.askedBy === me || of.person === me;
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>
        {name}
      </Table.Th>
      <Table.Td>{title}</Table.Td>
      <Table.Td className="wrap">
        {of.because}
        <Text size="xs" c="dimmed">
          asked by {nameOf(of.askedBy)}
          {of.approvedBy !== null && `, approved by ${nameOf(of.approvedBy)}`}
        </Text>
      </Table.Td>
      <Table.Td>
        <When at={of.until} />
      </Table.Td>
      <Table.Td>
        <Badge variant="light" color={STATES[state][1]}>
          {STATES[state][0]}
        </Badge>
      </Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap" justify="flex-end">
          {state === 'waits' && may.approve && !mine && (
            <Button size="compact-sm" aria-label={`Approve for ${name}`} loading={approve.isPending} onClick={() => approve.mutate()}>
              Approve
            </Button>
          )}
          {state !== 'ended' && may.manage && (
            <Confirm label={state === 'waits' ? 'Withdraw' : 'End'} name={`${state === 'waits' ? 'Withdraw' : 'End'} for ${name}`} size="compact-sm" title={state === 'waits' ? `Withdraw the request for ${name}?` : `End the exemption of ${name}?`} onYes={() => end.mutate()}>
              {state === 'waits'
                ? 'Nobody can approve it any more. You can ask again.'
                : 'From now on they stand as without it: what they have not done may shut customers at their next read.'}
            </Confirm>
          )}
        </Group>
        {approve.isError && <Refused error={approve.error} again={() => approve.mutate()} />}
        {end.isError && <Refused error={end.error} again={() => end.mutate()} />}
      </Table.Td>
    </Table.Tr>
  );
} // prettier-ignore

function OneAbsence({ of, name, may }: { of: { id: string; from: string; until: string | null }; name: string; may: May }) {
  const queries = useQueryClient();
  const back = useMutation({
    mutationFn: () => room.education.endAbsence(of.id, new Date().toISOString()),
    onSuccess: () => queries.invalidateQueries(),
  });
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>
        {name}
      </Table.Th>
      <Table.Td>
        <When at={of.from} />
      </Table.Td>
      <Table.Td>
        <When at={of.until} none="not known yet" />
      </Table.Td>
      <Table.Td ta="right">
        {of.until === null && may.manage && (
          <Button size="compact-sm" variant="default" loading={back.isPending} aria-label={`${name} is back`} onClick={() => back.mutate()}>
            Is back
          </Button>
        )}
        {back.isError && <Refused error={back.error} again={() => back.mutate()} />}
      </Table.Td>
    </Table.Tr>
  );
} // prettier-ignore
