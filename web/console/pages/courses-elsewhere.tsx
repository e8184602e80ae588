/** Courses made elsewhere, for the training team: taking one in, and whether passing it is enough for a role. */
import {
  Alert,
  Badge,
  Button,
  FileInput,
  Group,
  NumberInput,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import type { CoursePackage } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { Confirm } from '../../ui/confirm.tsx';
import { counted } from '../../ui/listed.tsx';
import { sizeText } from '../../ui/size.ts';
import { Problem } from '../../ui/states.tsx';
import { Wide } from '../../ui/wide.tsx';
import { room } from '../room.ts';
import { Refused } from './step-up.tsx';

export function CoursesElsewhere({ may }: { may: Readonly<{ take: boolean; approve: boolean }> }) {
  const found = useQuery({ queryKey: ['packages'], queryFn: () => room.packages.list() });
  const all = found.data?.packages ?? [];
  return (
    <Stack gap="sm">
      <Title order={2} size="h3">
        Courses made elsewhere
      </Title>
      <Text size="sm">
        SCORM 1.2 and 2004, and cmi5. Such a course grades itself in the browser of whoever takes it. It is enough for
        people it is assigned to; for a role it is enough once you say so.
      </Text>
      {found.isError && <Problem error={found.error} />}
      {all.length > 0 && (
        <Wide label="courses made elsewhere" minWidth={640} stacks>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Course</Table.Th>
                <Table.Th>Version</Table.Th>
                <Table.Th>Size</Table.Th>
                <Table.Th>Enough for</Table.Th>
                <Table.Td />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {all.map((each) => (
                <Line key={each.id} of={each} mayApprove={may.approve} />
              ))}
            </Table.Tbody>
          </Table>
        </Wide>
      )}
      {may.take && <Take all={all} />}
    </Stack>
  );
}

function Line({ of, mayApprove }: { of: CoursePackage; mayApprove: boolean }) {
  const queries = useQueryClient();
  const say = useMutation({
    mutationFn: (counts: boolean) => room.packages.sayCounts(of.id, counts),
    onSuccess: () => queries.invalidateQueries(),
  });
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={500}>
        {of.title}
        <Text size="xs" c="dimmed">
          {of.id}, {of.minutes} minutes
        </Text>
      </Table.Th>
      <Table.Td>
        {of.seq}, {of.schema === 'cmi5' ? `cmi5, ${counted(of.parts, 'part')}` : `SCORM ${of.schema}`}
      </Table.Td>
      <Table.Td>
        {counted(of.files, 'file')}, {sizeText(of.sizeBytes)}
      </Table.Td>
      <Table.Td>
        <Badge variant="light" color={of.counts ? 'orange' : 'gray'}>
          {of.counts ? 'roles too' : 'whoever it is assigned to'}
        </Badge>
      </Table.Td>
      <Table.Td ta="right">
        {mayApprove && of.counts && (
          <Button size="compact-sm" variant="default" loading={say.isPending} aria-label={`Not for roles: ${of.title}`} onClick={() => say.mutate(false)}>
            Not for roles
          </Button>
        )}
        {mayApprove && !of.counts && (
          <Confirm label="Count for roles" name={`Count for roles: ${of.title}`} size="compact-sm" title={`Is ${of.title} enough to see customers?`} onYes={() => say.mutate(true)}>
            It says by itself who has passed, in their own browser: who wants to can make it say so. Where a role asks for it, that will do from now on.
          </Confirm>
        )}
        {say.isError && <Refused error={say.error} again={() => say.mutate(!of.counts)} />}
      </Table.Td>
    </Table.Tr>
  );
} // prettier-ignore

function Take({ all }: { all: readonly CoursePackage[] }) {
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [id, setId] = useState('');
  const [minutes, setMinutes] = useState<number | string>(30);
  const [days, setDays] = useState<number | string>(365);
  const before = all.find((each) => each.id === id.trim());
  const take = useMutation({
    mutationFn: () =>
      room.packages.take(
        id.trim(),
        file as File,
        { minutes: Number(minutes), validityDays: Number(days), ...(before === undefined ? {} : { replaces: before.hash }) },
        { timeoutMs: 600_000 },
      ),
    onSuccess: async () => {
      setFile(null);
      setId('');
      await queries.invalidateQueries();
    },
  });
  const send = (event: FormEvent): void => {
    event.preventDefault();
    take.mutate();
  };
  return (
    <form onSubmit={send}>
      <Stack gap="sm" maw={560}>
        <FileInput label="Package" description="A zip with imsmanifest.xml or cmi5.xml at its top, at most 256 MiB" accept=".zip,application/zip" value={file} onChange={setFile} clearable />
        <TextInput label="Id" description="By which roles and assignments name it, such as fire-safety" value={id} onChange={({ currentTarget }) => setId(currentTarget.value)} />
        <Group grow align="flex-end">
          <NumberInput label="Minutes" min={1} max={999} value={minutes} onChange={setMinutes} />
          <NumberInput label="Days it holds" description="0: until a version comes that changes what people do" min={0} max={9999} value={days} onChange={setDays} />
        </Group>
        {before !== undefined && <Text size="sm">It takes the place of version {before.seq}.</Text>}
        {take.isSuccess && <Alert color="teal" role="status" title={`${take.data.title} is at version ${take.data.seq}`} />}
        {take.isError && <Refused error={take.error} again={() => take.mutate()} />}
        <Group>
          <Button type="submit" loading={take.isPending} disabled={file === null || id.trim() === '' || minutes === '' || days === ''}>
            Take the course in
          </Button>
        </Group>
      </Stack>
    </form>
  );
} // prettier-ignore
