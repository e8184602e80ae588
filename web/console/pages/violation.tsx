/** One violation: what it stands on, what was said to it, what was decided, and what is yours to do. */
import { Anchor, Button, Card, Group, List, Stack, Text, Title } from '@mantine/core';
import type { Violation } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { saveFile } from '../../ui/save-file.ts';
import { Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { Day, LastDay, timesIn, When } from '../when.tsx';
import { Acts } from './violation-acts.tsx';
import { outcomeOf, ViolationBadge } from './violation-parts.tsx';

type Said = NonNullable<Violation['statement']>;

export function ViolationPage({ id }: { id: string }) {
  const queries = useQueryClient();
  const found = useQuery({
    queryKey: ['violation', id],
    // each look is an entry of the log
    staleTime: Infinity,
    gcTime: 0,
    queryFn: () => room.violations.get(id),
  });
  if (found.isPending) return <Fetching what="the violation" />;
  if (found.data === undefined) return <Problem error={found.error} />;
  const violation = found.data;
  const { title, state, part, names, statement, statementUntil, decidedBy, votes, outcome, follows, appeal, answer } = violation; // prettier-ignore
  const onDone = (next: Violation): Promise<void> => {
    queries.setQueryData(['violation', id], next);
    return queries.invalidateQueries({ predicate: ({ queryKey: [first] }) => first === 'violations' || first === 'notices' }); // prettier-ignore
  };
  const nameOf = (who: string): string => names[who] ?? who;
  return (
    <Stack maw={820}>
      <Group justify="space-between">
        <Title order={1} size="h2">
          Broken rule: {title}
        </Title>
        <ViolationBadge state={state} />
      </Group>
      <Text>
        {part === 'person' ? 'This is about you.' : `This is about ${nameOf(violation.person)}.`}{' '}
        <Anchor underline="always" component={Link} to={`/sign/${violation.policy}`}>
          Read the policy
        </Anchor>
      </Text>
      <Source violation={violation} />
      <Words title="What was put in" said={violation.opened} by={nameOf(violation.opened.by)} />
      {statement === null ? (
        <Card withBorder padding="sm" component="section" aria-label="the statement">
          <Text size="sm">
            {part === 'person' ? 'You have' : 'The person has'} not said anything yet.{' '}
            {state === 'hearing' &&
              (statementUntil === null ? (
                'The days do not run while they are away.'
              ) : (
                <>
                  There is time until the end of <LastDay at={statementUntil} />; then it goes on without.
                </>
              ))}
          </Text>
        </Card>
      ) : (
        <Words title="The statement" said={statement} by={nameOf(violation.person)} />
      )}
      {outcome === null && decidedBy > 0 && (
        <Text size="sm" role="status">
          {state === 'settling'
            ? 'Two have decided, and differ: a third one settles it.'
            : `${decidedBy} of two have decided.`}{' '}
          What they chose is seen when it is over.
        </Text>
      )}
      {votes.map((each) => (
        <Words key={each.by} title={`Decided: ${outcomeOf(each.choice)}`} said={each} by={nameOf(each.by)} />
      ))}
      {outcome !== null && (
        <Card withBorder padding="sm" component="section" aria-label="what follows">
          <Title order={2} size="h4" mb="xs">
            {answer?.choice === 'granted' ? 'Nothing follows' : `What follows: ${outcomeOf(outcome)}`}
          </Title>
          <List size="sm">
            {follows.map((each) => (
              <List.Item key={each}>{each}</List.Item>
            ))}
            {state === 'decided' && violation.appealUntil !== null && (
              <List.Item>
                An appeal is open until the end of <LastDay at={violation.appealUntil} />.
              </List.Item>
            )}
            {violation.forgottenAt !== null && (
              <List.Item>
                It is forgotten on <Day at={violation.forgottenAt} />.
              </List.Item>
            )}
          </List>
        </Card>
      )}
      {appeal !== null && <Words title="The appeal" said={appeal} by={nameOf(violation.person)} />}
      {answer !== null && (
        <Words title={answer.choice === 'granted' ? 'The appeal was granted' : 'The appeal was refused'} said={answer} by={nameOf(answer.by)} /> // prettier-ignore
      )}
      <Acts violation={violation} onDone={onDone} />
    </Stack>
  );
}

function Words({ title, said: { at, text }, by }: { title: string; said: Said; by: string }) {
  return (
    <Card withBorder padding="sm" component="section" aria-label={title}>
      <Title order={2} size="h4">
        {title}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {by}, <When at={at} />
      </Text>
      {text === null ? (
        <Text size="sm" fs="italic">
          They chose to say nothing.
        </Text>
      ) : (
        <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {text}
        </Text>
      )}
    </Card>
  );
}

/** In plain words, with what proves it. */
function Source({ violation }: { violation: Violation }) {
  const { id, entry, intent, rungs, touches, earlier, about } = violation;
  const proof = useMutation({
    mutationFn: () => room.violations.proof(id),
    onSuccess: (found) => saveFile(`entry-${entry.number}.tlog-proof`, new Blob([found.proof], { type: 'text/plain' })),
  });
  return (
    <Card withBorder padding="sm" component="section" aria-label="what it stands on">
      <Stack gap="xs" align="flex-start">
        <Title order={2} size="h4">
          What it stands on
        </Title>
        <Text size="sm">{entry.says === null ? 'The log has pruned this entry; its hash is kept.' : timesIn(entry.says)}</Text>
        <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          Entry {entry.number} of the log, hash {entry.hash}
          {about.length === 0 ? '' : `; beside it ${about.join(', ')}`}
        </Text>
        <Text size="sm">
          It was reported as {intent ? 'done on purpose' : 'careless'}. Before it,{' '}
          {earlier === 0 ? 'no' : earlier} {earlier === 1 ? 'violation' : 'violations'} of this rule{' '}
          {earlier === 1 ? 'was' : 'were'} confirmed. What the policy has for it:{' '}
          {rungs.map((each) => outcomeOf(each).toLowerCase()).join(', ')}. What may follow this time, at most:{' '}
          {outcomeOf(touches).toLowerCase()}.
        </Text>
        <Button size="compact-sm" variant="default" loading={proof.isPending} onClick={() => proof.mutate()}>
          Save the proof of the entry
        </Button>
        {proof.isError && <Problem error={proof.error} />}
      </Stack>
    </Card>
  );
} // prettier-ignore
