/** Opening one: an entry of the log is looked at first, and says whether it can be held against somebody. */
import { Alert, Button, Checkbox, MultiSelect, NumberInput, Select, Text, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useState } from 'react';

import { Problem } from '../../ui/states.tsx';
import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';
import { timesIn } from '../when.tsx';

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
  // each look is in the log: not of every digit while a number is typed
  const [looked, setLooked] = useState<number | null>(null);
  const [apart, setApart] = useState<string[]>([]);
  const [intent, setIntent] = useState(false);
  const [says, setSays] = useState('');
  const staff = useQuery({ queryKey: ['coverage'], queryFn: () => room.education.coverageOfAll() });
  const texts = useQuery({ queryKey: ['texts'], queryFn: () => room.education.texts() });
  const source = useQuery({
    queryKey: ['violation-source', looked, person],
    enabled: looked !== null && person !== null,
    queryFn: () => room.violations.source(looked ?? 0, person ?? undefined),
    staleTime: Infinity,
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
  const lookOnEnter = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || entry === looked) return;
    event.preventDefault();
    setLooked(entry);
  };
  const isReady = person !== null && policy !== null && entry === looked && source.data !== undefined && says.trim() !== '';
  return (
    <Dialog title="Open a violation" size="lg" sending={open} does="Open it" onSend={() => open.mutate()} ready={isReady} onClose={onClose}>
      <Text size="sm">
        It needs an entry of the log in which the person acted. They are told at once, and heard before two others decide;
        you do not decide in it.
      </Text>
      <Select label="About whom" required searchable openOnFocus={false} data={people} value={person} onChange={setPerson} data-autofocus />
      <Select label="Which policy" required searchable openOnFocus={false} data={textsOf('policy')} value={policy} onChange={setPolicy} />
      <NumberInput label="Entry of the log" description="Its number, as the audit log shows it" required min={0} allowDecimal={false} hideControls value={entry ?? ''} onChange={(next) => setEntry(typeof next === 'number' ? next : null)} onBlur={() => setLooked(entry)} onKeyDown={lookOnEnter} />
      {entry === looked && source.isError && <Problem error={source.error} />}
      {entry === looked && source.data !== undefined && (
        <Alert color={source.data.refused === null ? 'blue' : 'orange'} role="status" title={timesIn(source.data.says)}>
          {source.data.refused === null ? 'It can be held against them.' : `It cannot be held against them as carelessness: ${source.data.refused}.`}
        </Alert>
      )}
      <Textarea label="What happened, and which rule it touches" description="The person reads it; names of customers only where they are needed" required autosize minRows={3} maxLength={10_000} value={says} onChange={(event) => setSays(event.currentTarget.value)} />
      <Checkbox label="It was done on purpose" description="Otherwise it is carelessness, and the ladder goes one rung further each time" checked={intent} onChange={(event) => setIntent(event.currentTarget.checked)} />
      <Select label="Course that teaches the rule" description="Needed where the course again may follow" clearable clearButtonProps={{ 'aria-label': 'no course' }} searchable openOnFocus={false} data={textsOf('lesson')} value={course} onChange={setCourse} />
      <MultiSelect label="Who is too near to decide" description="Whom it harmed, whose report they are" searchable openOnFocus={false} data={people} value={apart} onChange={setApart} />
    </Dialog>
  );
} // prettier-ignore
