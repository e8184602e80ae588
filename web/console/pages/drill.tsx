/** One drill: what has come so far, what is to be decided, and when it is over how it went. */
import { Alert, Button, Card, Group, List, Stack, Text, Title } from '@mantine/core';
import type { IncidentDrill } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';

import { Confirm } from '../../ui/confirm.tsx';
import { Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { useSession, useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { Injects } from './drill-injects.tsx';
import { Notes } from './drill-notes.tsx';
import { DrillBadge, DrillBanner, StoryText, StoryTime } from './drill-parts.tsx';
import { DrillLog } from './drill-log.tsx';
import { Score } from './drill-score.tsx';

const LOOK_AGAIN_MS = 4000;

/** What came of something that was done: the drill as it is then. */
export type Act = (work: () => Promise<IncidentDrill>, onDone?: () => void) => void;

export function DrillPage({ id }: { id: string }) {
  const queries = useQueryClient();
  const found = useQuery({
    queryKey: ['drill', id],
    queryFn: () => room.incidentDrills.get(id),
    refetchInterval: ({ state }) => (state.data?.state === 'running' || state.data?.state === 'planned' ? LOOK_AGAIN_MS : false),
  }); // prettier-ignore
  const act = useMutation({
    mutationFn: (work: () => Promise<IncidentDrill>) => work(),
    onSuccess: (drill) => queries.setQueryData(['drill', id], drill),
    // what one may see may be another thing from now on
    onSettled: () => queries.invalidateQueries({ predicate: ({ queryKey: [first] }) => ['training', 'drills', 'drill'].includes(String(first)) }), // prettier-ignore
  });
  const [session, who] = [useSession(), useWhoAmI()];
  if (found.isPending) return <Fetching what="the drill" />;
  if (found.data === undefined) return <Problem error={found.error} />;
  const drill = found.data;
  const { title, state, story, isIn, score, debrief } = drill;
  const run: Act = (work, onDone) => act.mutate(work, { onSuccess: () => onDone?.() });
  const mayStop = drill.ledBy === session.data?.person || (who.data?.actions ?? []).includes('training.manage');
  const isOpen = state === 'running' || state === 'planned';
  return (
    <Stack maw={820}>
      <DrillBanner />
      {found.isError && <Problem error={found.error} />}
      <Group justify="space-between">
        <Title order={1} size="h2">
          {title}
        </Title>
        <DrillBadge state={state} />
      </Group>
      <Now drill={drill} />
      {score !== null && <Score drill={drill} score={score} />}
      <Card withBorder padding="sm" component="section" aria-label="the story">
        <Text>{story}</Text>
      </Card>
      {state === 'running' && !isIn && drill.people.some((each) => each.id === session.data?.person) && (
        <Alert color="blue" title="Are you in?">
          <Text size="sm" mb="xs">
            It counts for who is in before half of it is over.
          </Text>
          <Button loading={act.isPending} onClick={() => run(() => room.incidentDrills.join(id))}>
            I am in
          </Button>
        </Alert>
      )}
      <Injects drill={drill} busy={act.isPending} act={run} />
      <DrillLog drill={drill} busy={act.isPending} act={run} />
      {act.isError && <Problem error={act.error} />}
      {state === 'running' && isIn && <GoOn drill={drill} busy={act.isPending} act={run} />}
      {debrief !== null && (
        <Card withBorder padding="sm" component="section" aria-label="to be remembered">
          <Title order={2} size="h4" mb="xs">
            To be remembered
          </Title>
          <Text size="sm">
            <StoryText text={debrief} />
          </Text>
        </Card>
      )}
      <Playbook drill={drill} />
      <Notes drill={drill} busy={act.isPending} act={run} />
      {isOpen && mayStop && (
        <Group>
          <Confirm label="Stop the drill" title="Stop it?" onYes={() => run(() => room.incidentDrills.stop(id))}>
            It counts for nobody, and cannot be gone on with.
          </Confirm>
        </Group>
      )}
    </Stack>
  );
}

/** Where it is: on the wall and in the story, and which clocks of the law run there. */
function Now({ drill: { state, beginsAt, endsAt, elapsedMinutes, minutes, nextMinute, storyAt, clocks, joined, asked } }: { drill: IncidentDrill }) {
  return (
    <Card withBorder padding="sm" component="section" aria-label="where it is">
      <Text size="sm" role="status">
        {state === 'planned' && (
          <>
            It begins <When at={beginsAt} /> by your own clock.
          </>
        )}
        {state === 'running' && (
          <>
            Minute {elapsedMinutes} of {minutes}. In the story it is <StoryTime at={storyAt} />.
            {nextMinute === null ? ' All has come.' : ` More comes at minute ${nextMinute}.`}
          </>
        )}
        {state !== 'planned' && state !== 'running' && (
          <>
            It ended <When at={endsAt} /> by your own clock.
          </>
        )}{' '}
        {joined} of {asked} {asked === 1 ? 'person is' : 'people are'} in.
      </Text>
      {clocks.length > 0 && (
        <List size="sm" mt={6}>
          {clocks.map(({ id, what, state: clock, dueAt, hoursLeft }) => (
            <List.Item key={id}>
              {what}: {CLOCKS[clock]}
              {hoursLeft !== null && `, ${hoursLeft} hours of the story left`}
              {dueAt !== null && (
                <>
                  , due <StoryTime at={dueAt} />
                </>
              )}
            </List.Item>
          ))}
        </List>
      )}
    </Card>
  );
} // prettier-ignore

const CLOCKS = { waiting: 'does not run yet', running: 'runs', late: 'is over', decided: 'decided in time', 'decided-late': 'decided too late' } as const; // prettier-ignore

/** Nobody waits for a clock when all is decided. */
function GoOn({ drill: { id, nextMinute, injects, breach }, busy, act }: { drill: IncidentDrill; busy: boolean; act: Act }) {
  const open = injects.some(({ decide }) => decide !== null && decide.decided === null) || (breach !== null && breach.asked.length === 0);
  return (
    <Group>
      <Button variant="default" loading={busy} disabled={open} onClick={() => act(() => room.incidentDrills.next(id))}>
        {nextMinute === null ? 'End it, and see the score' : 'Show what comes next'}
      </Button>
      {open && <Text size="sm">First decide what has come{breach !== null && breach.asked.length === 0 ? ', and ask the log' : ''}.</Text>}
    </Group>
  );
} // prettier-ignore

function Playbook({ drill: { tasks } }: { drill: IncidentDrill }) {
  if (tasks.length === 0) return null;
  return (
    <Card withBorder padding="sm" component="details" aria-label="the playbook">
      <Text component="summary" fw={600}>
        The playbook for a real one of this kind
      </Text>
      <List size="sm" mt="xs" spacing={4}>
        {tasks.map(({ says, how, owner }) => (
          <List.Item key={says}>
            {says} ({owner}). {how}
          </List.Item>
        ))}
      </List>
    </Card>
  );
}
