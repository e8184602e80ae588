/** What the training team does: assign, take back, note leave, ask that somebody be exempt. */
import { Alert, Button, Group, MultiSelect, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import type { TrainingCoverage } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { instantOf } from '../../ui/local-time.ts';
import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';

type People = TrainingCoverage['people'];
const DOES = {
  assign: {
    label: 'Assign',
    title: 'Assign a course or policy',
    says: 'They have 30 days for it, then five working days of grace. Whoever has it already keeps it as it is.',
  },
  revoke: {
    label: 'Take back',
    title: 'Take back what was passed or signed',
    says: 'It counts as never done: where the role asks for it, customers close at their very next read, until it is done anew.',
  },
  away: {
    label: 'Note leave',
    title: 'Note that somebody is away',
    says: 'From now on their clocks stand still, and no customer is open to them until they are back. What has lapsed stays lapsed.',
  },
  exempt: {
    label: 'Ask for an exemption',
    title: 'Ask that somebody be exempt',
    says: 'It holds once another person has approved it, neither you nor the person exempted, and it ends by itself.',
  },
} as const;
type What = keyof typeof DOES;

export function TrainingForms({ people }: { people: People }) {
  const [what, setWhat] = useState<What | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  return (
    <Stack gap="xs">
      <Group gap="xs">
        {(Object.keys(DOES) as What[]).map((each) => (
          <Button key={each} variant={each === 'assign' ? 'filled' : 'default'} onClick={() => setWhat(each)}>
            {DOES[each].label}
          </Button>
        ))}
      </Group>
      {said !== null && <Alert color="teal" role="status" title={said} withCloseButton closeButtonLabel="Read" onClose={() => setSaid(null)} />}
      {what !== null && <Form key={what} what={what} people={people} onClose={() => setWhat(null)} onDone={setSaid} />}
    </Stack>
  );
} // prettier-ignore

/** Of lessons and policies alone: the rest is nothing that one has to do. */
function useTexts(): { value: string; label: string }[] {
  const texts = useQuery({ queryKey: ['texts'], queryFn: () => room.education.texts() });
  const elsewhere = useQuery({ queryKey: ['packages'], queryFn: () => room.packages.list() });
  const courses = (elsewhere.data?.packages ?? []).map(({ id, title }) => ({ value: `course ${id}`, label: title }));
  return [...courses, ...(texts.data?.texts ?? []).flatMap(({ kind, id, title }) =>
    kind === 'lesson' ? [{ value: `course ${id}`, label: title }] : kind === 'policy' ? [{ value: `policy ${id}`, label: `Policy: ${title}` }] : kind === 'drill' ? [{ value: `drill ${id}`, label: `Drill: ${title}` }] : [],
  )];
} // prettier-ignore

function Form({ what, people, onClose, onDone }: { what: What; people: People; onClose: () => void; onDone: (said: string) => void }) {
  const [queries, texts] = [useQueryClient(), useTexts()];
  const [who, setWho] = useState<string[]>([]);
  const [text, setText] = useState<string | null>(null);
  const [because, setBecause] = useState('');
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const send = useMutation({
    mutationFn: async (): Promise<string> => {
      const [person = ''] = who;
      const [kind, id] = (text ?? '').split(' ') as ['course' | 'policy' | 'drill', string];
      const name = people.find(({ id: each }) => each === person)?.name ?? person;
      if (what === 'assign') {
        const { assigned } = await room.education.assign({ people: who, kind, id });
        return assigned === 0 ? 'All of them had it already.' : `Assigned to ${assigned} ${assigned === 1 ? 'person' : 'people'}.`;
      }
      if (what === 'revoke') await room.education.revoke({ person, kind, id, because: because.trim() });
      else if (what === 'away') await room.education.noteAbsence({ person, from: instantOf(from), until: until === '' ? null : instantOf(until) });
      else await room.education.askExemption({ person, kind, id, until: instantOf(until), because: because.trim() });
      return { revoke: `Taken back: ${name} has to do it anew.`, away: `${name} is noted as away.`, exempt: `Asked for: another person has to approve it.` }[what];
    },
    onSuccess: async (said) => {
      onDone(said);
      onClose();
      await queries.invalidateQueries({ predicate: ({ queryKey: [first] }) => ['coverage', 'exemptions', 'absences', 'training'].includes(String(first)) });
    },
  });
  const names = people.map(({ id, name, roles }) => ({ value: id, label: `${name} (${roles.join(', ') || 'no role'})` }));
  const needsWords = what === 'revoke' || what === 'exempt';
  const isReady = who.length > 0 && (what === 'away' ? from !== '' : text !== null) && (!needsWords || because.trim() !== '') && (what !== 'exempt' || until !== '');
  return (
    <Dialog title={DOES[what].title} size="lg" sending={send} does={DOES[what].label} onSend={() => send.mutate()} ready={isReady} danger={what === 'revoke'} onClose={onClose}>
      <Text size="sm">{DOES[what].says}</Text>
      {what === 'assign' ? (
        <MultiSelect label="People" required searchable openOnFocus={false} data={names} value={who} onChange={setWho} />
      ) : (
        <Select label="Person" required searchable openOnFocus={false} data={names} value={who[0] ?? null} onChange={(next) => setWho(next === null ? [] : [next])} />
      )}
      {what !== 'away' && <Select label="Course, policy or drill" required searchable openOnFocus={false} data={texts} value={text} onChange={setText} />}
      {what === 'away' && <TextInput type="datetime-local" label="From" required value={from} onChange={(event) => setFrom(event.currentTarget.value)} />}
      {(what === 'away' || what === 'exempt') && (
        <TextInput
          type="datetime-local"
          label="Until"
          required={what === 'exempt'}
          description={what === 'away' ? 'Empty: not known yet; say it when they are back' : 'Within a year'}
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
      )}
      {needsWords && <Textarea label="Why" required autosize minRows={2} maxLength={500} value={because} onChange={(event) => setBecause(event.currentTarget.value)} />}
    </Dialog>
  );
} // prettier-ignore
