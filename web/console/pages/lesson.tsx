/** A lesson: its text, its scenes to choose in, and its quiz. */
import { Alert, Anchor, Button, Card, Group, List, Radio, Stack, Text, Title } from '@mantine/core';
import type { Course } from '@strongroom/sdk';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { Onward, useTraining } from '../training-due.tsx';
import { Practise } from './exercise-lines.tsx';
import { CourseElsewhere } from './course-frame.tsx';
import { QuizForm } from './quiz-form.tsx';
import { exercisesIn, Sections } from './text-tree.tsx';

export function LessonPage({ course }: { course: string }) {
  const found = useQuery({ queryKey: ['course', course], queryFn: () => room.education.course(course) });
  const training = useTraining().data;
  const titleOf = (id: string): string =>
    training?.courses.find((each) => each.id === id)?.title ?? id.replaceAll('-', ' ');
  const begin = useMutation({ mutationFn: () => room.education.begin(course) });
  if (found.isError) return <Problem error={found.error} />;
  if (found.data === undefined) return <Fetching what="the lesson" />;
  if (found.data.elsewhere)
    return (
      <Stack maw={1100} lang={found.data.locale}>
        <Title order={1} size="h2">
          {found.data.title}
        </Title>
        <CourseElsewhere course={found.data} />
      </Stack>
    );
  const { title, minutes, sections, choices, before, sources, exercises, practises } = found.data;
  const placed = exercisesIn(sections);
  return (
    <Stack maw={720} lang={found.data.locale}>
      <Title order={1} size="h2">
        {title}
      </Title>
      <Text size="sm">
        {minutes} minutes, then five questions.
        {before.length > 0 && ' Before it: '}
        {before.map((id) => (
          <Anchor underline="always" key={id} component={Link} to={`/learn/${id}`} mr="xs">
            {titleOf(id)}
          </Anchor>
        ))}
      </Text>
      <Sections sections={sections} choiceAt={(line) => <Choices of={choices} line={line} />} />
      <Practise
        ids={[...new Set([...practises, ...exercises.filter((each) => !placed.includes(each))])]}
        needed={practises}
      />
      {sources.length > 0 && (
        <section aria-label="sources">
          <Text size="xs" c="dimmed">
            From:
          </Text>
          <List size="xs" c="dimmed">
            {sources.map((each) => (
              <List.Item key={each}>{each}</List.Item>
            ))}
          </List>
        </section>
      )}
      <Title order={2} size="h3">
        Questions
      </Title>
      {begin.data === undefined ? (
        <Group>
          <Button loading={begin.isPending} onClick={() => begin.mutate()}>
            Begin
          </Button>
          <Text size="sm">Four of five are enough. You have three tries, then a day’s wait.</Text>
        </Group>
      ) : (
        <QuizForm
          key={begin.data.id}
          sitting={begin.data}
          again={() => begin.mutate()}
          onward={<Onward done={{ kind: 'course', id: course }} />}
        />
      )}
      {begin.isError && <Problem error={begin.error} />}
    </Stack>
  );
}

const Choices = ({ of, line }: { of: Course['choices']; line: number }) =>
  of.filter((each) => each.line === line).map((choice) => <Choice key={line} choice={choice} />);

/** Asked and answered in the page: it counts for nothing. */
function Choice({ choice: { asks, options } }: { choice: Course['choices'][number] }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const option = options.find(({ says }) => says === chosen);
  return (
    <Card withBorder>
      <Radio.Group label={asks} value={chosen ?? ''} onChange={setChosen}>
        <Stack gap="xs" mt="xs">
          {options.map(({ says }) => (
            <Radio key={says} value={says} label={says} />
          ))}
        </Stack>
      </Radio.Group>
      <div aria-live="polite">
        {option !== undefined && (
          <Alert mt="sm" color={option.right ? 'green' : 'orange'} title={option.right ? 'Yes' : 'Rather not'}>
            {option.because}
          </Alert>
        )}
      </div>
    </Card>
  );
}
