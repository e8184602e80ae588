/** For the training team: how many stand how, who loses access when, and which roles ask for nothing. */
import { Alert, Stack, Table, Text, Title } from '@mantine/core';
import type { TrainingCoverage, TrainingDuty } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';

import { Bars } from '../../ui/bars.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { isDone, standingsOf } from '../duty-states.ts';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { Day, LastDay } from '../when.tsx';
import { CertificatesOf } from './certificates.tsx';
import { HistoryExport } from './history-export.tsx';
import { StateBadge } from './learn.tsx';
import { Exceptions } from './training-exceptions.tsx';
import { TrainingForms } from './training-forms.tsx';

type Person = TrainingCoverage['people'][number];
type Line = Readonly<{ person: Person; duty: TrainingDuty }>;

export function TrainingPage() {
  const who = useWhoAmI();
  const found = useQuery({ queryKey: ['coverage'], queryFn: () => room.education.coverageOfAll() });
  if (found.isError) return <Problem error={found.error} />;
  if (found.data === undefined) return <Fetching what="who stands how" />;
  const { people, untaught } = found.data;
  const actions = who.data?.actions ?? [];
  const may = { manage: actions.includes('training.manage'), approve: actions.includes('training.approve') };
  const lines = people.flatMap((person) => person.duties.map((duty): Line => ({ person, duty })));
  const open = lines
    .filter(({ duty }) => !isDone(duty.state))
    .toSorted((a, b) => ((a.duty.lapsesAt ?? '') < (b.duty.lapsesAt ?? '') ? -1 : 1));
  return (
    <Stack>
      <Title order={1} size="h2">
        Training
      </Title>
      {may.manage && <TrainingForms people={people} />}
      {untaught.length > 0 && (
        <Alert title="Roles without training">
          Nobody in the {untaught.length === 1 ? 'role' : 'roles'} {untaught.join(', ')} has a course or policy to do.
          That is right for roles that see no customer. Does one of them see customers? Then the next change of policies
          is refused until it asks for training.
        </Alert>
      )}
      <Coverage lines={lines} />
      <Title order={2} size="h3">
        Who loses access, and when
      </Title>
      {open.length === 0 ? (
        <Empty title="Nobody">Everything is passed and signed.</Empty>
      ) : (
        <Wide label="who loses access" minWidth={680} stacks>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Person</Table.Th>
                <Table.Th>What</Table.Th>
                <Table.Th>State</Table.Th>
                <Table.Th>Due</Table.Th>
                <Table.Th>Customers close</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {open.map(({ person, duty }) => (
                <Table.Tr key={`${person.id} ${duty.kind} ${duty.id}`}>
                  <Table.Th scope="row" fw={500}>
                    {person.name}
                  </Table.Th>
                  <Table.Td>{duty.title}</Table.Td>
                  <Table.Td>
                    <StateBadge state={duty.state} />
                  </Table.Td>
                  <Table.Td>{duty.dueAt === null ? '' : <LastDay at={duty.dueAt} />}</Table.Td>
                  <Table.Td>
                    {duty.lapsesAt !== null ? <Day at={duty.lapsesAt} /> : duty.effect === 'denied' ? 'closed' : ''}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
      <Title order={2} size="h3">
        Exempt and away
      </Title>
      <Exceptions people={people} may={may} />
      <CertificatesOf people={people} mayCopy={may.manage} />
      <HistoryExport people={people} />
    </Stack>
  );
}

/** How many duties stand how; and of each course and policy, how many of those who have to are done. */
function Coverage({ lines }: { lines: readonly Line[] }) {
  if (lines.length === 0) return <Text>Nobody has to do anything yet.</Text>;
  const texts = [...Map.groupBy(lines, ({ duty }) => `${duty.kind} ${duty.id}`).values()];
  return (
    <Stack>
      <Bars
        label="how duties stand"
        unit="tasks"
        of={lines.length}
        bars={standingsOf(lines.map(({ duty }) => duty.state))}
      />
      <Wide label="coverage by text" minWidth={320}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Course, policy or drill</Table.Th>
              <Table.Th>Done</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {texts.map((all) => (
              <Table.Tr key={`${all[0]?.duty.kind} ${all[0]?.duty.id}`}>
                <Table.Th scope="row" fw={500}>
                  {all[0]?.duty.title}
                </Table.Th>
                <Table.Td>
                  {all.filter(({ duty }) => isDone(duty.state)).length} of {all.length}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
    </Stack>
  );
}
