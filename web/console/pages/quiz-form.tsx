/** The questions of a try, for keyboard and pointer alike; what is right comes with the grade, and not before. */
import { Alert, Button, Card, Checkbox, Code, Group, List, Radio, Select, Stack, Text } from '@mantine/core';
import type { BegunSitting } from '@strongroom/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';

import { Refused } from './step-up.tsx';
import { room } from '../room.ts';

type Question = BegunSitting['questions'][number];
/** Places among the options, in the order in which they were given; -1 where nothing was chosen yet. */
type Places = readonly number[];

/** @param onward what stands there once it is passed */
export function QuizForm({ sitting, again, onward }: { sitting: BegunSitting; again: () => void; onward: ReactNode }) {
  const queries = useQueryClient();
  const [given, setGiven] = useState<Readonly<Record<string, Places>>>({});
  const hand = useMutation({
    mutationFn: () => room.education.handIn(sitting.id, sitting.questions.map(({ id }) => (given[id] ?? []).filter((place) => place >= 0))),
    // what one may do follows at once
    onSuccess: () => queries.invalidateQueries(),
  }); // prettier-ignore
  const send = (event: FormEvent): void => {
    event.preventDefault();
    hand.mutate();
  };
  const graded = hand.data;
  return (
    <form onSubmit={send}>
      <Stack>
        {sitting.questions.map((question, at) => (
          <Card withBorder m={0} key={question.id} component="fieldset">
            <Text component="legend" fw={500} w="100%" style={{ float: 'left' }}>
              {at + 1}. <Said text={question.asks} />
            </Text>
            <div style={{ clear: 'both' }} />
            <Answer
              question={question}
              places={given[question.id] ?? []}
              onChange={(places) => setGiven((before) => ({ ...before, [question.id]: places }))}
            />
            {graded !== undefined && <Because graded={graded.questions[at]} />}
          </Card>
        ))}
        <div aria-live="polite">
          {graded !== undefined && (
            <Alert color={graded.passed ? 'green' : 'orange'} title={graded.passed ? 'Passed' : 'Not yet'}>
              {graded.right} of {graded.of} are right.{' '}
              {graded.passed ? 'What it opens is open from now on.' : 'Read what is written beside each, then try others.'}
            </Alert>
          )}
        </div>
        {hand.isError && <Refused error={hand.error} again={() => hand.mutate()} />}
        <Group>
          {graded === undefined && (
            <Button type="submit" loading={hand.isPending}>
              Hand in
            </Button>
          )}
          {graded?.passed === false && <Button onClick={again}>Try again</Button>}
          {graded?.passed === true && onward}
        </Group>
      </Stack>
    </form>
  ); // prettier-ignore
}

/** What stands between backticks is code: an address, a word that is typed. */
function Said({ text }: { text: string }) {
  const split = text.split('`');
  // parts never move: their place is their name
  return split.length % 2 === 0 ? text : split.map((part, at) => (at % 2 === 1 ? <Code key={`code ${at}`}>{part}</Code> : part));
} // prettier-ignore

function Because({ graded }: { graded: Readonly<{ right: boolean; because: readonly string[] }> | undefined }) {
  if (graded === undefined) return null;
  return (
    <Alert mt="xs" color={graded.right ? 'green' : 'orange'} title={graded.right ? 'Right' : 'Not right'}>
      <List size="sm">
        {graded.because.map((each) => (
          <List.Item key={each}>
            <Said text={each} />
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

type AnswerProps = Readonly<{ question: Question; places: Places; onChange: (places: Places) => void }>;

function Answer(props: AnswerProps) {
  const { question, places, onChange } = props;
  const { kind, options, asks } = question;
  if (kind === 'single')
    return (
      <Radio.Group aria-label={asks} value={String(places[0] ?? '')} onChange={(value) => onChange([Number(value)])}>
        <Stack gap="xs" mt="xs">
          {options.map((option, at) => (
            <Radio key={option} value={String(at)} label={<Said text={option} />} />
          ))}
        </Stack>
      </Radio.Group>
    );
  if (kind === 'order' || kind === 'match') return <Placed {...props} />;
  return (
    <Stack gap="xs" mt="xs">
      {kind === 'cues' && <Text size="sm">Mark each line that should make you wonder.</Text>}
      {options.map((option, at) => (
        <Checkbox
          key={option}
          label={<Said text={option} />}
          checked={places.includes(at)}
          onChange={() => onChange(places.includes(at) ? places.filter((each) => each !== at) : [...places, at])}
        />
      ))}
    </Stack>
  );
}

/** One choice for each place: what comes first, second…, or what belongs beside it. */
function Placed({ question: { kind, options, beside }, places, onChange }: AnswerProps) {
  const labels = kind === 'match' ? beside : options.map((_, at) => `${at + 1}.`);
  const whole = labels.map((_, at) => places[at] ?? -1);
  return (
    <Stack gap="xs" mt="xs">
      {labels.map((label, at) => (
        <div key={label}>
          <Select
            label={label}
            placeholder="choose"
            data={options.map((option, place) => ({ value: String(place), label: option }))}
            value={whole[at] === -1 ? null : String(whole[at])}
            onChange={(value) => onChange(whole.with(at, value === null ? -1 : Number(value)))}
            openOnFocus={false}
          />
          {/* a field has one line, and a phone cuts it */}
          <Text size="sm" mt={4} hiddenFrom="xs">
            {options[whole[at] as number]}
          </Text>
        </div>
      ))}
    </Stack>
  );
}
