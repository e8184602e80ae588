/** Planning a phishing exercise: which mail, for whom, when. */
import { Alert, Button, MultiSelect, SegmentedControl, Select, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Problem } from '../../ui/states.tsx';
import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';
import { useRoles } from '../session.ts';
import { LEVELS } from './phishing-levels.ts';

const DAY_MS = 86_400_000;

export function PlanExercise() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Plan an exercise</Button>
      {open && <Plan onClose={() => setOpen(false)} />}
    </>
  );
}

function Plan({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const known = useRoles();
  const templates = useQuery({ queryKey: ['phishing', 'templates'], queryFn: () => room.phishing.templates() });
  const [name, setName] = useState('');
  const [template, setTemplate] = useState<string | null>(null);
  const [roles, setRoles] = useState<string[]>([]);
  const [mode, setMode] = useState<'groups' | 'people'>('groups');
  const [days, setDays] = useState('10');
  const plan = useMutation({
    mutationFn: () => {
      const from = new Date();
      const until = new Date(from.getTime() + Number(days) * DAY_MS);
      return room.phishing.plan({ name: name.trim(), template: template ?? '', mode, roles, from: from.toISOString(), until: until.toISOString() }); // prettier-ignore
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['phishing'] }),
  });
  const chosen = templates.data?.templates.find(({ id }) => id === template);
  if (plan.isSuccess)
    return (
      <Dialog title="Plan an exercise" size="lg" sending={plan} onClose={onClose}>
        <Alert color="teal" title={`Planned for ${plan.data.recipients} people`} role="status">
          The help desk is told by mail. {plan.data.leftOut} of those asked for get none of it.
        </Alert>
      </Dialog>
    );
  return (
    <Dialog title="Plan an exercise" size="lg" sending={plan} does="Plan it" onSend={() => plan.mutate()} ready={template !== null && roles.length > 0} onClose={onClose}>
      {templates.isError && <Problem error={templates.error} />}
      {templates.data?.on === false && (
        <Alert color="orange" title="Exercises are not set up here">
          They need landing pages under a name of their own, and a help desk: docs/practices/education-phishing.md
        </Alert>
      )}
      <TextInput label="Name" required maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Select
        label="Mail"
        required
        searchable
        value={template}
        onChange={setTemplate}
        data={(templates.data?.templates ?? []).map(({ id, title, level }) => ({ value: id, label: `${title} (${LEVELS[level]})` }))}
      />
      {chosen !== undefined && (
        <Text size="sm" c="dimmed">
          “{chosen.subject}” from {chosen.from}. It is given away by: {chosen.cues.map(({ shows }) => shows).join('; ')}
        </Text>
      )}
      <MultiSelect label="Roles" required description="everybody who has one of them; at most one exercise in 30 days each" data={known} value={roles} onChange={setRoles} />
      <Select label="Within" value={days} onChange={(next) => setDays(next ?? '10')} allowDeselect={false} data={[{ value: '3', label: '3 days' }, { value: '10', label: '10 days' }, { value: '30', label: '30 days' }]} description="each gets it at a random minute of working hours" />
      <SegmentedControl
        aria-label="what is kept"
        value={mode}
        onChange={(next) => setMode(next)}
        data={[{ value: 'groups', label: 'groups: nothing of one person' }, { value: 'people', label: 'people: own history and tier' }]}
      />
    </Dialog>
  );
} // prettier-ignore
