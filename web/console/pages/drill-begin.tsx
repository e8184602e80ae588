/** A drill for a team: who takes part, and when. They are told by mail. */
import { Button, MultiSelect, Select, Text, TextInput } from '@mantine/core';
import type { IncidentDrillAbout } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { instantOf } from '../../ui/local-time.ts';
import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';

export function BeginWithOthers({ texts }: { texts: readonly IncidentDrillAbout[] }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Begin with others</Button>
      {open && <Form texts={texts} onClose={() => setOpen(false)} />}
    </>
  );
}

function Form({ texts, onClose }: { texts: readonly IncidentDrillAbout[]; onClose: () => void }) {
  const [go, queries] = [useNavigate(), useQueryClient()];
  const [text, setText] = useState<string | null>(null);
  const [people, setPeople] = useState<string[]>([]);
  const [roles, setRoles] = useState<string[]>([]);
  const [at, setAt] = useState('');
  const staff = useQuery({ queryKey: ['coverage'], queryFn: () => room.education.coverageOfAll() });
  const everybody = staff.data?.people ?? [];
  const begin = useMutation({
    mutationFn: () => room.incidentDrills.begin({ text: text ?? '', people, roles, ...(at === '' ? {} : { beginsAt: instantOf(at) }) }),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ['drills'] });
      await go({ to: '/drills/$id', params: { id: made.id } });
    },
  }); // prettier-ignore
  return (
    <Dialog title="A drill with others" size="lg" sending={begin} does="Begin it" onSend={() => begin.mutate()} ready={text !== null && people.length + roles.length > 0} onClose={onClose}>
      <Text size="sm">
        They get a mail that says DRILL, and each says that they are in. All decide together; the first decision counts.
      </Text>
      <Select label="Drill" required data={texts.map(({ id, title }) => ({ value: id, label: title }))} value={text} onChange={setText} />
      <MultiSelect label="People" searchable openOnFocus={false} data={everybody.map(({ id, name }) => ({ value: id, label: name }))} value={people} onChange={setPeople} />
      <MultiSelect label="All who have a role" searchable openOnFocus={false} data={[...new Set(everybody.flatMap((each) => each.roles))].toSorted()} value={roles} onChange={setRoles} />
      <TextInput type="datetime-local" label="Begins" description="Left out: now." value={at} onChange={(event) => setAt(event.currentTarget.value)} />
    </Dialog>
  );
} // prettier-ignore
