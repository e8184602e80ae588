/** What of one's own training waits: said on every page, and what comes after something was passed or signed. */
import { Alert, Button, Group, Paper, Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import type { MyTraining, TrainingDuty } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { comingFrom, LearnIt, placeOf, useBack, type Lacking } from '../ui/lacking.tsx';
import { room } from './room.ts';
import { Day, LastDay } from './when.tsx';

const MINUTES_MS = 60_000;

/** Asked again every five minutes: a banner need not know sooner, and a denial does. */
export const useTraining = () =>
  useQuery({
    queryKey: ['training'],
    queryFn: ({ signal }) => room.education.mine({ signal }),
    staleTime: MINUTES_MS,
    refetchInterval: 5 * MINUTES_MS,
  });

const ORDER = ['revoked', 'lapsed', 'assigned', 'grace', 'due', 'passed', 'exempt'];
const CLOSED = ['denied', 'masked', 'open'];
export const waits = ({ state }: TrainingDuty): boolean => !['passed', 'exempt'].includes(state);

/** What shuts most, first; of those the one that ends first. */
export const worstFirst = (duties: readonly TrainingDuty[]): TrainingDuty[] =>
  duties.toSorted(
    (a, b) =>
      CLOSED.indexOf(a.effect) - CLOSED.indexOf(b.effect) ||
      ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
      ((a.lapsesAt ?? a.dueAt ?? '') < (b.lapsesAt ?? b.dueAt ?? '') ? -1 : 1),
  );

/** What lies on the pages that say it themselves. */
const OWN = /^\/(?:learn|sign|exercises|drills)(?:\/|$)/;
const CUSTOMERS = /^\/(?:customers\/.*)?$/;

export function TrainingDue({ pathname }: { pathname: string }) {
  const training = useTraining();
  // one thing at a time: an exercise says so itself
  if (training.data === undefined || training.data.exercise !== null || OWN.test(pathname)) return null;
  const waiting = worstFirst(training.data.duties.filter(waits));
  const [first] = waiting;
  if (first === undefined || (training.data.effect === 'denied' && CUSTOMERS.test(pathname))) return null;
  return (
    <Paper withBorder p="xs" mb="md" component="section" aria-label="your training" className={`due due-${first.effect}`}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" flex="1 1 240px">
          <Said first={first} more={waiting.length - 1} role={training.data.role} />
        </Text>
        <LearnIt lacks={[first]} title={null} />
      </Group>
    </Paper>
  );
} // prettier-ignore

function Said({ first, more, role }: { first: TrainingDuty; more: number; role: string }) {
  const others = more === 0 ? '' : ` ${more} more ${more === 1 ? 'waits' : 'wait'} after it.`;
  const what = <b>{first.title}</b>;
  if (first.effect === 'denied')
    return (
      <>
        The role {role} sees no customer: {what} {first.state === 'lapsed' ? 'has lapsed' : 'is to be done'}.{others}
      </>
    );
  if (first.effect === 'masked')
    return (
      <>
        Overdue: {what}. Customers are masked
        {first.lapsesAt !== null && (
          <>
            , and close on <Day at={first.lapsesAt} />
          </>
        )}
        .{others}
      </>
    );
  return (
    <>
      Due soon: {what}
      {first.dueAt !== null && (
        <>
          , by <LastDay at={first.dueAt} />
        </>
      )}
      .{others}
    </>
  );
}

/** What shuts customers to who is signed in: nothing when their training does not, or an exercise has some for them. */
export const shutBy = ({ effect, duties, exercise }: MyTraining): readonly TrainingDuty[] =>
  effect === 'denied' && exercise === null ? worstFirst(duties).filter((each) => each.effect === 'denied') : [];

/** Instead of a page of customers, for who has something to learn before. */
export function LearnFirst({ lacks }: { lacks: readonly TrainingDuty[] }) {
  return (
    <Alert color="red" icon={<IconLock aria-hidden />} title="No customer is open to you">
      {lacks.some(({ state }) => state === 'lapsed')
        ? 'What your role asks for has lapsed. Once it is done, customers open at the very next look.'
        : 'Your role asks for what you have not done yet. Once it is done, customers open at the very next look.'}
      <LearnIt lacks={lacks} title={lacks[0]?.title} />
    </Alert>
  );
}

/** The next thing that still shuts something, with where one came from; then back there. */
export function Onward({ done }: { done: Lacking }) {
  const [training, back] = [useTraining(), useBack()];
  if (training.data === undefined) return null;
  const shut = worstFirst(training.data.duties).find(
    (duty) => duty.effect !== 'open' && !(duty.kind === done.kind && duty.id === done.id),
  );
  if (shut !== undefined)
    return (
      <Button component={Link} to={placeOf(shut)} state={comingFrom(back)}>
        Next: {shut.title}
      </Button>
    );
  return (
    <Button component={Link} to={back ?? '/learn'}>
      {back === undefined ? 'All that is asked of you' : 'Back to where you were'}
    </Button>
  );
}
