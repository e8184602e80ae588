/** A drill for a team: who takes part, and when. They are told by mail. */
import { Button, Group, Modal, MultiSelect, Select, Stack, Text, TextInput } from '@mantine/core';
import type { IncidentDrillAbout } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';

import { room } from '../room.ts';
import { Refused } from './step-up.tsx';

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
    mutationFn: () => room.incidentDrills.begin({ text: text ?? '', people, roles, ...(at === '' ? {} : { beginsAt: new Date(at).toISOString() }) }),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ['drills'] });
      await go({ to: '/drills/$id', params: { id: made.id } });
    },
  }); // prettier-ignore
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    begin.mutate();
  };
  return (
    <Modal opened onClose={onClose} title="A drill with others" centered size="lg">
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">
            They get a mail that says DRILL, and each says that they are in. All decide together; the first decision counts.
          </Text>
          <Select label="Drill" required data={texts.map(({ id, title }) => ({ value: id, label: title }))} value={text} onChange={setText} data-autofocus />
          <MultiSelect label="People" searchable openOnFocus={false} data={everybody.map(({ id, name }) => ({ value: id, label: name }))} value={people} onChange={setPeople} />
          <MultiSelect label="All who have a role" searchable openOnFocus={false} data={[...new Set(everybody.flatMap((each) => each.roles))].toSorted()} value={roles} onChange={setRoles} />
          <TextInput type="datetime-local" label="Begins" description="Left out: now." value={at} onChange={(event) => setAt(event.currentTarget.value)} />
          {begin.isError && <Refused error={begin.error} again={() => begin.mutate()} />}
          <Group>
            <Button type="submit" loading={begin.isPending} disabled={text === null || people.length + roles.length === 0}>
              Begin it
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
} // prettier-ignore
