/** Where staff begin: learn, sign, report; and how one stands with what the role asks for. */
import { Alert, Anchor, Badge, Button, Card, Group, List, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { MyTraining, TrainingDuty } from '@strongroom/sdk';
import { Link } from '@tanstack/react-router';

import { placeOf } from '../../ui/lacking.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { useTraining, waits, worstFirst } from '../training-due.tsx';
import { Day, LastDay } from '../when.tsx';
import { OwnCertificates } from './certificates.tsx';
import { ExerciseLines } from './exercise-lines.tsx';

const STATES: Readonly<Record<TrainingDuty['state'], readonly [says: string, color: string]>> = {
  assigned: ['to do', 'orange'], passed: ['done', 'green'], due: ['due soon', 'yellow'], grace: ['overdue', 'orange'],
  lapsed: ['lapsed', 'red'], revoked: ['to do again', 'red'], exempt: ['exempt', 'gray'],
}; // prettier-ignore
export const StateBadge = ({ state }: { state: TrainingDuty['state'] }) => (
  <Badge variant="light" color={STATES[state][1]}>
    {STATES[state][0]}
  </Badge>
);

export function LearnPage() {
  const found = useTraining();
  if (found.isError) return <Problem error={found.error} />;
  if (found.data === undefined) return <Fetching what="what there is to learn" />;
  const { duties, courses, policies } = found.data;
  const sorted = worstFirst(duties);
  const next = (kind: TrainingDuty['kind']) => sorted.find((each) => each.kind === kind && waits(each));
  const done = (kind: TrainingDuty['kind']) =>
    new Set(duties.filter((each) => each.kind === kind && !waits(each)).map(({ id }) => id));
  const [learn, sign] = [next('course'), next('policy')];
  return (
    <Stack maw={820}>
      <Title order={1} size="h2">
        Learn and sign
      </Title>
      <Standing training={found.data} />
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <Do title="Learn" says={learn?.title ?? 'All is learned'} to={learn && `/learn/${learn.id}`} />
        <Do title="Sign" says={sign?.title ?? 'All is signed'} to={sign && `/sign/${sign.id}`} />
        <Do title="Report" says="Something is odd? Say it, you need not be sure" to="/report" />
      </SimpleGrid>
      <Title order={2} size="h3">
        What your roles ask for
      </Title>
      {sorted.length === 0 && <Empty title="Nothing">Your roles see no customer, and ask for no course.</Empty>}
      {sorted.map((duty) => (
        <Duty key={`${duty.kind} ${duty.id}`} duty={duty} />
      ))}
      <ExerciseLines />
      <OwnCertificates />
      <Title order={2} size="h3">
        All courses and policies
      </Title>
      <All
        title="Courses"
        of={courses.map((each) => ({
          ...each,
          says: `${each.title}, ${each.minutes} minutes`,
          to: `/learn/${each.id}`,
        }))}
        done={done('course')}
      />
      <All
        title="Policies"
        of={policies.map((each) => ({ ...each, says: each.title, to: `/sign/${each.id}` }))}
        done={done('policy')}
      />
    </Stack>
  );
}

type Shelved = Readonly<{ id: string; title: string; says: string; to: string }>;
/** By title, and which of them one has done. */
function All({ title, of, done }: { title: string; of: readonly Shelved[]; done: ReadonlySet<string> }) {
  if (of.length === 0) return null;
  return (
    <>
      <Title order={3} size="h4">
        {title}
      </Title>
      <List spacing={4}>
        {of.toSorted((a, b) => a.title.localeCompare(b.title)).map(({ id, says, to }) => (
          <List.Item key={id}>
            <Anchor underline="always" component={Link} to={to}>
              {says}
            </Anchor>
            {done.has(id) && ' (done)'}
          </List.Item>
        ))}
      </List>
    </>
  );
} // prettier-ignore

function Do({ title, says, to }: { title: string; says: string; to: string | undefined }) {
  return (
    <Card withBorder>
      <Stack gap="xs" justify="space-between" h="100%">
        <Text size="sm">{says}</Text>
        {to === undefined ? (
          <Button disabled>{title}</Button>
        ) : (
          <Button component={Link} to={to}>
            {title}
          </Button>
        )}
      </Stack>
    </Card>
  );
}

/** What it does to one's access, in one sentence. */
function Standing({ training: { effect, role } }: { training: MyTraining }) {
  if (effect === 'open') return null;
  return (
    <Alert color={effect === 'denied' ? 'red' : 'orange'} title={effect === 'denied' ? 'No customer is open to you' : 'Customers’ data is masked'}>
      {effect === 'denied'
        ? `The role ${role} asks for what is listed below. Once it is done, customers open at the very next look.`
        : `The time for what is listed below is over. Do it, and the role ${role} sees again what it saw.`}
    </Alert>
  ); // prettier-ignore
}

function Duty({ duty }: { duty: TrainingDuty }) {
  const { kind, id, title, state, dueAt, lapsesAt } = duty;
  return (
    <Card withBorder padding="xs">
      <Group justify="space-between" wrap="nowrap">
        <Stack gap={2}>
          <Anchor component={Link} to={placeOf({ kind, id })} fw={500}>
            {title}
          </Anchor>
          {dueAt !== null && state !== 'grace' && (
            <Text size="sm">
              {state === 'passed' ? 'again by' : 'due by'} <LastDay at={dueAt} />
            </Text>
          )}
          {lapsesAt !== null && state === 'grace' && (
            <Text size="sm">
              customers close on <Day at={lapsesAt} />
            </Text>
          )}
        </Stack>
        <StateBadge state={state} />
      </Group>
    </Card>
  );
}
