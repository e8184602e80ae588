/** Breaks glass: in an emergency, what must be seen is seen at once, and somebody knows while it happens. */
import { Alert, MultiSelect, NumberInput, Select, Text, Textarea, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { type DataClass } from '@strongroom/sdk';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { Fetching } from '../../ui/states.tsx';
import { CLASSES } from '../classes.ts';
import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';
import { useCatalog, useEligibility } from '../session.ts';

export function BreakGlass({
  subject,
  purpose: given,
  onClose,
  onBroken,
}: {
  /** The customer whose page it is asked on. */
  subject?: string;
  purpose?: string;
  onClose: () => void;
  onBroken: () => unknown;
}) {
  const [eligibility, catalog] = [useEligibility(), useCatalog()];
  const may = eligibility.data?.breakGlass;
  const [subjects, setSubjects] = useState(subject ?? '');
  const [chosen, setPurpose] = useState(given ?? null);
  const [classes, setClasses] = useState<DataClass[]>(['personal']);
  const [incident, setIncident] = useState('');
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState<number | string>(30);
  const ids = subjects.split(/[\s,]+/).filter((each) => each !== '');
  const purposes = catalog.data?.purposes.filter(({ id }) =>
    may?.purposes.some((wide) => id === wide || id.startsWith(`${wide}.`)),
  );
  const purpose = purposes?.some(({ id }) => id === chosen) === true ? chosen : (purposes?.[0]?.id ?? null);
  const smash = useMutation({
    mutationFn: () =>
      room.grants.breakGlass({
        purpose: purpose as string, classes, subjects: ids, incident: incident.trim(), reason: reason.trim(), minutes: Number(minutes),
      }), // prettier-ignore
    onSuccess: async () => {
      await onBroken();
      onClose();
    },
  });
  if (may === undefined || may === null || purposes === undefined)
    return (
      <Dialog title="Break glass" sending={smash} onClose={onClose}>
        {eligibility.isPending || catalog.isPending ? (
          <Fetching what="what your role may" />
        ) : (
          <Text size="sm">Your role is not on call.</Text>
        )}
      </Dialog>
    );
  const reached = CLASSES.slice(0, CLASSES.indexOf(may.clearUpTo) + 1);
  return (
    <Dialog
      title="Break glass"
      sending={smash}
      does="Break the glass"
      danger
      onSend={() => smash.mutate()}
      ready={incident.trim() !== '' && reason.trim() !== '' && ids.length > 0 && classes.length > 0}
      onClose={onClose}
    >
      <Alert color="red" icon={<IconAlertTriangle aria-hidden />}>
        An alarm is raised while you do it. Another person ({may.approvers.join(' or ')}) reviews it within 72 hours.
      </Alert>
      <TextInput
        label="Incident"
        description="Its number where it is dealt with, for example of the ticket"
        value={incident}
        onChange={(event) => setIncident(event.currentTarget.value)}
        maxLength={100}
        required
      />
      <Textarea
        label="Why can it not wait?"
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={1000}
        required
        autosize
        minRows={2}
      />
      {subject === undefined && (
        <Textarea
          label="Customers"
          description="Their ids (sub_…), at most 20"
          value={subjects}
          onChange={(event) => setSubjects(event.currentTarget.value)}
          required
          autosize
        />
      )}
      <Select
        label="Purpose"
        allowDeselect={false}
        data={purposes.map(({ id, title }) => ({ value: id, label: title }))}
        value={purpose}
        onChange={setPurpose}
      />
      <MultiSelect label="Classes" data={reached} value={classes} onChange={(next) => setClasses(next)} />
      <NumberInput label="Minutes" min={1} max={may.maxMinutes} value={minutes} onChange={setMinutes} />
    </Dialog>
  );
}
