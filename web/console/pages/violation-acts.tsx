/** What is yours to do in a violation: say what happened, decide, appeal, answer. */
import { Button, Card, Group, Radio, Stack, Text, Textarea, Title } from '@mantine/core';
import type { Violation } from '@strongroom/sdk';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';

import { Confirm } from '../../ui/confirm.tsx';
import { room } from '../room.ts';
import { Refused } from './step-up.tsx';
import { OUTCOMES, outcomeOf, type Outcome } from './violation-parts.tsx';

type Done = (next: Violation) => Promise<void>;
type ActProps = { violation: Violation; onDone: Done };

export function Acts({ violation, onDone }: ActProps) {
  const { may } = violation;
  return (
    <>
      {may.includes('state') && <State violation={violation} onDone={onDone} />}
      {may.includes('vote') && <Decide violation={violation} onDone={onDone} />}
      {may.includes('appeal') && <Appeal violation={violation} onDone={onDone} />}
      {may.includes('answer') && <Answer violation={violation} onDone={onDone} />}
    </>
  );
}

const Form = ({ title, children, onSubmit }: { title: string; children: React.ReactNode; onSubmit: () => void }) => (
  <Card
    withBorder
    padding="sm"
    component="form"
    aria-label={title}
    onSubmit={(event: FormEvent) => {
      event.preventDefault();
      onSubmit();
    }}
  >
    <Stack align="flex-start">
      <Title order={2} size="h4">
        {title}
      </Title>
      {children}
    </Stack>
  </Card>
);

const Words = ({ label, value, onChange }: { label: string; value: string; onChange: (text: string) => void }) => (
  <Textarea w="100%" label={label} required autosize minRows={4} maxLength={10_000} value={value} onChange={(event) => onChange(event.currentTarget.value)} />
); // prettier-ignore

function State({ violation: { id }, onDone }: ActProps) {
  const [text, setText] = useState('');
  const say = useMutation({ mutationFn: (words: string | undefined) => room.violations.state(id, words), onSuccess: onDone }); // prettier-ignore
  return (
    <Form title="Say what happened" onSubmit={() => say.mutate(text.trim())}>
      <Text size="sm">
        Once, in your own words. Whoever decides reads it first; it lies sealed, and nobody else is shown it, no manager either: managers do not decide such things. You may bring
        somebody along who helps you to write it. You may also say nothing: nothing is concluded from that.
      </Text>
      <Words label="What happened" value={text} onChange={setText} />
      <Group>
        <Button type="submit" loading={say.isPending} disabled={text.trim() === ''}>
          Give my statement
        </Button>
        <Confirm label="Say nothing" title="Say nothing?" onYes={() => say.mutate(undefined)}>
          It is decided without a statement of yours then, and without waiting.
        </Confirm>
      </Group>
      {say.isError && <Refused error={say.error} again={() => say.mutate(say.variables)} />}
    </Form>
  );
} // prettier-ignore

function Decide({ violation: { id, choices, state }, onDone }: ActProps) {
  const [choice, setChoice] = useState<Outcome | null>(null);
  const [because, setBecause] = useState('');
  const decide = useMutation({ mutationFn: () => room.violations.decide(id, { choice: choice ?? 'none', because: because.trim() }), onSuccess: onDone }); // prettier-ignore
  return (
    <Form title={state === 'settling' ? 'Settle it' : 'Decide'} onSubmit={() => decide.mutate()}>
      <Text size="sm">
        {state === 'settling'
          ? 'Two decided, and differ. What you choose lies between the two, and holds.'
          : 'Another person decides too, and neither of you knows what the other one chooses. What the program does of what you both choose takes effect at once; the rest waits until no appeal is open.'}
      </Text>
      <Radio.Group label="What follows" required value={choice} onChange={(next) => setChoice(next)}>
        <Stack gap="xs" mt="xs">
          {choices.map((each) => (
            <Radio key={each} value={each} label={outcomeOf(each)} description={OUTCOMES[each][1]} />
          ))}
        </Stack>
      </Radio.Group>
      <Words label="Why; the person reads it" value={because} onChange={setBecause} />
      <Button type="submit" loading={decide.isPending} disabled={choice === null || because.trim() === ''}>
        {choice === null ? 'Decide' : `Decide: ${outcomeOf(choice)}`}
      </Button>
      {decide.isError && <Refused error={decide.error} again={() => decide.mutate()} />}
    </Form>
  );
}

function Appeal({ violation: { id }, onDone }: ActProps) {
  const [text, setText] = useState('');
  const appeal = useMutation({ mutationFn: () => room.violations.appeal(id, text.trim()), onSuccess: onDone });
  return (
    <Form title="Appeal" onSubmit={() => appeal.mutate()}>
      <Text size="sm">
        Somebody reads it who had no part in it so far. If the appeal is granted, the decision no longer counts.
      </Text>
      <Words label="What is not right about it" value={text} onChange={setText} />
      <Button type="submit" loading={appeal.isPending} disabled={text.trim() === ''}>
        Appeal
      </Button>
      {appeal.isError && <Refused error={appeal.error} again={() => appeal.mutate()} />}
    </Form>
  );
}

function Answer({ violation: { id }, onDone }: ActProps) {
  const [because, setBecause] = useState('');
  const answer = useMutation({ mutationFn: (grant: boolean) => room.violations.answer(id, { grant, because: because.trim() }), onSuccess: onDone }); // prettier-ignore
  const isEmpty = because.trim() === '';
  return (
    <Form title="Answer the appeal" onSubmit={() => undefined}>
      <Text size="sm">If you grant it, what was done is undone: a pass counts again, and roles come back as far as they can.</Text>
      <Words label="Why; the person reads it" value={because} onChange={setBecause} />
      <Group>
        <Button type="button" loading={answer.isPending} disabled={isEmpty} onClick={() => answer.mutate(true)}>
          Grant it
        </Button>
        <Button type="button" variant="default" loading={answer.isPending} disabled={isEmpty} onClick={() => answer.mutate(false)}>
          Refuse it
        </Button>
      </Group>
      {answer.isError && <Refused error={answer.error} again={() => answer.mutate(answer.variables)} />}
    </Form>
  );
} // prettier-ignore
