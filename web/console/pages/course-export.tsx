/** Courses of ours for another learning system. The key of the quiz goes with them: it is asked once more, and said. */
import { Group, Select, Stack, Text, Title } from '@mantine/core';
import type { CoursePackageKind } from '@strongroom/sdk';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { Confirm } from '../../ui/confirm.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { room } from '../room.ts';
import { Refused } from './step-up.tsx';

const KINDS: readonly Readonly<{ value: CoursePackageKind; label: string }>[] = [
  { value: 'scorm12', label: 'SCORM 1.2' },
  { value: 'cmi5', label: 'cmi5 (xAPI)' },
];

export function CourseExport({ lessons }: { lessons: readonly Readonly<{ id: string; title: string }>[] }) {
  const [course, setCourse] = useState<string | null>(null);
  const [as, setAs] = useState<CoursePackageKind>('scorm12');
  const title = lessons.find(({ id }) => id === course)?.title ?? '';
  const take = useMutation({
    mutationFn: async (id: string) => {
      const zip = await room.trainingExports.course(id, as);
      saveFile(`${id}-${as}.zip`, new Blob([zip], { type: 'application/zip' }));
    },
  });
  return (
    <Stack gap="sm" component="section" aria-label="For another learning system">
      <Title order={2} size="h3">
        For another learning system
      </Title>
      <Text size="sm">
        A lesson of ours as it is published, with its questions, as a file that other systems take. Exercises on the system itself and signing of policies stay here.
      </Text>
      <Group align="flex-end" gap="sm">
        <Select label="Course" searchable value={course} onChange={setCourse} data={lessons.map(({ id, title: label }) => ({ value: id, label }))} w={{ base: '100%', sm: 320 }} />
        <Select label="As" allowDeselect={false} value={as} onChange={(value) => setAs(value as CoursePackageKind)} data={KINDS} w={{ base: '100%', sm: 160 }} />
        <Confirm label="Save it as a file" disabled={course === null} loading={take.isPending} title={`The right answers of “${title}” go with it`} onYes={() => course !== null && take.mutate(course)}>
          The file grades by itself, so all questions with their right answers are in it: whoever can open it can read them. Give it to nobody who learns. The log notes who saved it.
        </Confirm>
      </Group>
      {take.isSuccess && (
        <Text size="sm" role="status">
          Your browser has the file.
        </Text>
      )}
      {take.isError && <Refused error={take.error} again={() => course !== null && take.mutate(course)} />}
    </Stack>
  );
} // prettier-ignore
