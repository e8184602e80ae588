/** What people learned, for a learning record store: by pseudonym, and who took it is in the log. */
import { Button, Group, Select, Stack, Text, Title } from '@mantine/core';
import type { TrainingCoverage } from '@strongroom/sdk';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { saveFile } from '../../ui/save-file.ts';
import { room } from '../room.ts';
import { Refused } from './step-up.tsx';

export function HistoryExport({ people }: { people: TrainingCoverage['people'] }) {
  const [person, setPerson] = useState<string | null>(null);
  const take = useMutation({
    mutationFn: async () => {
      const body = await room.trainingExports.history(person === null ? {} : { person });
      saveFile('history-xapi.json', await new Response(body).blob());
    },
  });
  return (
    <Stack gap="xs" component="section" aria-label="History for another system">
      <Title order={2} size="h3">
        History for another system
      </Title>
      <Text size="sm">
        What was asked, begun, passed, failed and signed, as xAPI. People are accounts under a pseudonym; exercises with mail are not in it. The log notes who saved it.
      </Text>
      <Group align="flex-end" gap="sm">
        <Select label="Whose history" placeholder="everybody’s" searchable clearable value={person} onChange={setPerson} data={people.map(({ id, name }) => ({ value: id, label: name }))} w={{ base: '100%', sm: 320 }} />
        <Button variant="default" loading={take.isPending} onClick={() => take.mutate()}>
          Save the history
        </Button>
      </Group>
      {take.isSuccess && (
        <Text size="sm" role="status">
          Your browser has the file.
        </Text>
      )}
      {take.isError && <Refused error={take.error} again={() => take.mutate()} />}
    </Stack>
  );
} // prettier-ignore
