/** Where staff begin: learn, sign, report; and how one stands with what the role asks for. */
import { Alert, Anchor, Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import type { MyTraining, TrainingDuty } from '@strongroom/sdk';
import { Link } from '@tanstack/react-router';

import { placeOf } from '../../ui/lacking.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { useTraining, waits, worstFirst } from '../training-due.tsx';
import { When } from '../when.tsx';
import { OwnCertificates } from './certificates.tsx';
import { ExerciseLines } from './exercise-lines.tsx';

const STATES: Readonly<Record<TrainingDuty['state'], readonly [says: string, color: string]>> = {
  assigned: ['to do', 'orange'], passed: ['done', 'green'], due: ['due soon', 'yellow'], grace: ['overdue', 'orange'],
  lapsed: ['lapsed', 'red'], revoked: ['to do again', 'red'], exempt: ['exempt', 'gray'],
}; // prettier-ignore
export const StateBadge = ({ state }: { state: TrainingDuty['state'] }) => (
  <Badge variant="light" color={STATES[state][1]} tt="none">
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
  const [learn, sign] = [next('course'), next('policy')];
  return (
    <Stack maw={820}>
      <Title order={1}>Learn and sign</Title>
      <Standing training={found.data} />
      <Group grow align="stretch" preventGrowOverflow={false}>
        <Do title="Learn" says={learn?.title ?? 'All is learned'} to={learn && `/learn/${learn.id}`} />
        <Do title="Sign" says={sign?.title ?? 'All is signed'} to={sign && `/sign/${sign.id}`} />
        <Do title="Report" says="Something is odd? Say it, you need not be sure" to="/report" />
      </Group>
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
      <Stack gap={4}>
        {courses.map(({ id, title, minutes }) => (
          <Anchor underline="always" key={id} component={Link} to={`/learn/${id}`}>
            {title}, {minutes} minutes
          </Anchor>
        ))}
        {policies.map(({ id, title }) => (
          <Anchor underline="always" key={id} component={Link} to={`/sign/${id}`}>
            Policy: {title}
          </Anchor>
        ))}
      </Stack>
    </Stack>
  );
}

function Do({ title, says, to }: { title: string; says: string; to: string | undefined }) {
  return (
    <Card withBorder miw={200}>
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
      <Group justify="space-between">
        <Stack gap={2}>
          <Anchor component={Link} to={placeOf({ kind, id })} fw={500}>
            {title}
          </Anchor>
          {dueAt !== null && state !== 'grace' && (
            <Text size="sm">
              due <When at={dueAt} />
            </Text>
          )}
          {lapsesAt !== null && state === 'grace' && (
            <Text size="sm">
              customers close <When at={lapsesAt} />
            </Text>
          )}
        </Stack>
        <StateBadge state={state} />
      </Group>
    </Card>
  );
}
