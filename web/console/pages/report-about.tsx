/** Whether a report is a real one or belongs to one's exercise: asked of who has one open, and never guessed. */
import { Radio, Select, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { room } from '../room.ts';
import { useTraining } from '../training-due.tsx';

export type OfExercise = Readonly<{ try: string; line?: string }>;
/** Undefined: not said yet. Null: a real one. */
export type About = OfExercise | null | undefined;

/** Null where no exercise asks for a report: then every one is real. */
export function useReportable() {
  const exercise = useTraining().data?.exercise ?? null;
  return exercise?.reports === true ? exercise : null;
}

export function ReportAbout({
  about,
  onChange,
  asks,
}: {
  about: About;
  onChange: (about: About) => void;
  asks?: 'which line';
}) {
  const exercise = useReportable();
  const found = useQuery({
    queryKey: ['exercise', exercise?.id],
    queryFn: () => room.exercises.get(exercise?.id ?? ''),
    enabled: exercise !== null,
  });
  if (exercise === null) return null;
  const lines = found.data?.try?.planted ?? [];
  return (
    <Stack gap="xs">
      <Radio.Group
        label="What is it about?"
        description="A report of your exercise alarms nobody, and its words are not kept."
        required
        value={about === undefined ? '' : about === null ? 'real' : 'exercise'}
        onChange={(value) => onChange(value === 'real' ? null : { try: exercise.try })}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="real" label="Something that really happened" />
          <Radio value="exercise" label={`My exercise: ${exercise.title}`} />
        </Stack>
      </Radio.Group>
      {asks === 'which line' && about !== undefined && about !== null && lines.length > 0 && (
        <Select
          label="Which line?"
          placeholder="choose"
          openOnFocus={false}
          data={lines.map(({ name, at, what }) => ({ value: name, label: `${at}, ${what}` }))}
          value={about.line ?? null}
          onChange={(line) => onChange({ try: about.try, ...(line === null ? {} : { line }) })}
        />
      )}
    </Stack>
  );
}
