/** Opening one: an entry of the log is looked at first, and says whether it can be held against somebody. */
import { Alert, Button, Checkbox, Group, Modal, MultiSelect, NumberInput, Select, Stack, Text, Textarea } from '@mantine/core'; // prettier-ignore
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';

import { Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { Refused } from './step-up.tsx';

export function OpenViolation() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Open one</Button>
      {open && <Form onClose={() => setOpen(false)} />}
    </>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const [go, queries] = [useNavigate(), useQueryClient()];
  const [person, setPerson] = useState<string | null>(null);
  const [policy, setPolicy] = useState<string | null>(null);
  const [course, setCourse] = useState<string | null>(null);
  const [entry, setEntry] = useState<number | null>(null);
  const [apart, setApart] = useState<string[]>([]);
  const [intent, setIntent] = useState(false);
  const [says, setSays] = useState('');
  const staff = useQuery({ queryKey: ['coverage'], queryFn: () => room.education.coverageOfAll() });
  const texts = useQuery({ queryKey: ['texts'], queryFn: () => room.education.texts() });
  const source = useQuery({
    queryKey: ['violation-source', entry, person],
    enabled: entry !== null && person !== null,
    queryFn: () => room.violations.source(entry ?? 0, person ?? undefined),
  });
  const people = (staff.data?.people ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const textsOf = (wanted: 'policy' | 'lesson') => (texts.data?.texts ?? []).flatMap(({ kind, id, title }) => (kind === wanted ? [{ value: id, label: title }] : []));
  const open = useMutation({
    mutationFn: () => room.violations.open({ person: person ?? '', policy: policy ?? '', entry: entry ?? 0, hash: source.data?.hash ?? '', says: says.trim(), intent, apart, ...(course === null ? {} : { course }) }),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ['violations'] });
      await go({ to: '/violations/$id', params: { id: made.id } });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    open.mutate();
  };
  const isReady = person !== null && policy !== null && source.data !== undefined && says.trim() !== '';
  return (
    <Modal opened onClose={onClose} title="Open a violation" centered size="lg">
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">
            It needs an entry of the log in which the person acted. They are told at once, and heard before two others decide;
            you do not decide in it.
          </Text>
          <Select label="About whom" required searchable openOnFocus={false} data={people} value={person} onChange={setPerson} data-autofocus />
          <Select label="Which policy" required searchable openOnFocus={false} data={textsOf('policy')} value={policy} onChange={setPolicy} />
          <NumberInput label="Entry of the log" description="Its number, as the audit log shows it" required min={0} allowDecimal={false} hideControls value={entry ?? ''} onChange={(next) => setEntry(typeof next === 'number' ? next : null)} />
          {source.isError && <Problem error={source.error} />}
          {source.data !== undefined && (
            <Alert color={source.data.refused === null ? 'blue' : 'orange'} role="status" title={source.data.says}>
              {source.data.refused === null ? 'It can be held against them.' : `It cannot be held against them as carelessness: ${source.data.refused}.`}
            </Alert>
          )}
          <Textarea label="What happened, and which rule it touches" description="the person reads it; names of customers only where they are needed" required autosize minRows={3} maxLength={10_000} value={says} onChange={(event) => setSays(event.currentTarget.value)} />
          <Checkbox label="It was done on purpose" description="otherwise it is carelessness, and the ladder goes one rung further each time" checked={intent} onChange={(event) => setIntent(event.currentTarget.checked)} />
          <Select label="Course that teaches the rule" description="needed where it may come to the course again" clearable clearButtonProps={{ 'aria-label': 'no course' }} searchable openOnFocus={false} data={textsOf('lesson')} value={course} onChange={setCourse} />
          <MultiSelect label="Who is too near to decide" description="whom it harmed, whose report they are" searchable openOnFocus={false} data={people} value={apart} onChange={setApart} />
          {open.isError && <Refused error={open.error} again={() => open.mutate()} />}
          <Group>
            <Button type="submit" loading={open.isPending} disabled={!isReady}>
              Open it
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
} // prettier-ignore
