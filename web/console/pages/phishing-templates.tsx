/** Mails of exercises: those that are shipped, and those that the training team writes, tries out, changes and retires. */
import { Alert, Badge, Button, Card, Group, Modal, Select, Stack, Table, Text, Textarea, Title } from '@mantine/core';
import { isProblem, type PhishTemplate, type TriedPhishTemplate } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { Confirm } from '../../ui/confirm.tsx';
import { faultsIn } from '../../ui/faults.ts';
import { Fetching, Problem } from '../../ui/states.tsx';
import { IntoView } from '../../ui/into-view.tsx';
import { Wide } from '../../ui/wide.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { LEVELS } from './phishing-levels.ts';
import { Refused } from './step-up.tsx';

const KEY = ['phishing', 'templates', 'all'];

export function PhishTemplatesCard() {
  const [open, setOpen] = useState<string | null>(null);
  const may = (useWhoAmI().data?.actions ?? []).includes('training.manage');
  const found = useQuery({ queryKey: KEY, queryFn: () => room.phishing.templates({ retired: true }) });
  const templates = found.data?.templates ?? [];
  const sorted = templates.toSorted((a, b) => Number(b.own) - Number(a.own) || (a.title < b.title ? -1 : 1));
  return (
    <Card withBorder padding="sm" component="section" aria-label="mails of exercises">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          Mails
        </Title>
        {may && <Button size="compact-sm" variant="light" onClick={() => setOpen('')}>Write one</Button>}
      </Group>
      {found.isError && <Problem error={found.error} />}
      <Wide label="mails of exercises" minWidth={560} stacks>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Mail</Table.Th>
              <Table.Th>How hard</Table.Th>
              <Table.Th>Whose</Table.Th>
              <Table.Th />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sorted.map(({ id, title, level, own, version, retired }) => (
              <Table.Tr key={id}>
                <Table.Th scope="row" fw={500}>
                  {title}
                </Table.Th>
                <Table.Td>{LEVELS[level]}</Table.Td>
                <Table.Td>
                  {own ? `own, version ${version}` : 'shipped'}{' '}
                  {retired && (
                    <Badge variant="default">
                      retired
                    </Badge>
                  )}
                </Table.Td>
                <Table.Td ta="right">
                  <Button size="compact-sm" variant="default" aria-label={`Look at ${title}`} onClick={() => setOpen(id)}>
                    Look
                  </Button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Wide>
      <Modal opened={open !== null} onClose={() => setOpen(null)} title={open === '' ? 'A mail of your own' : 'A mail for exercises'} centered size="xl">
        {open === '' && <Write patterns={templates.map(({ id, title }) => ({ value: id, label: title }))} onClose={() => setOpen(null)} />}
        {open !== null && open !== '' && <Look id={open} may={may} onClose={() => setOpen(null)} />}
      </Modal>
    </Card>
  );
} // prettier-ignore

function Look({ id, may, onClose }: { id: string; may: boolean; onClose: () => void }) {
  const queries = useQueryClient();
  const [editing, setEditing] = useState(false);
  const found = useQuery({ queryKey: ['phishing', 'template', id], queryFn: () => room.phishing.template(id) });
  const retire = useMutation({
    mutationFn: (version: number) => room.phishing.retireTemplate(id, version),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['phishing'] });
      onClose();
    },
  });
  if (found.isPending) return <Fetching what="the mail" />;
  // what is open stays where asking once more fails
  if (found.data === undefined) return <Problem error={found.error} />;
  const { title, level, cues, own, version, retired, preview } = found.data;
  if (editing) return <Edit of={found.data} onClose={onClose} />;
  return (
    <Stack>
      <Text fw={600}>
        {title}, {LEVELS[level]}
      </Text>
      <Preview of={preview} />
      <Text size="sm">It is given away by: {cues.map(({ shows }) => shows).join('; ')}</Text>
      {retire.isError && <Refused error={retire.error} again={() => retire.mutate(version)} />}
      {may && own && (
        <Group>
          <Button variant="default" onClick={() => setEditing(true)}>
            Change it
          </Button>
          {!retired && (
            <Confirm
              label="Retire it"
              title="Retire it?"
              loading={retire.isPending}
              onYes={() => retire.mutate(version)}
            >
              It is in no new exercise any more. Those that run go on; changing it brings it back.
            </Confirm>
          )}
        </Group>
      )}
    </Stack>
  );
}

function Write({ patterns, onClose }: { patterns: { value: string; label: string }[]; onClose: () => void }) {
  const [pattern, setPattern] = useState<string | null>(null);
  const found = useQuery({ queryKey: ['phishing', 'template', pattern], queryFn: () => room.phishing.template(pattern ?? ''), enabled: pattern !== null }); // prettier-ignore
  return (
    <Stack>
      <Text size="sm">
        Take one as a pattern, give it an id of its own, and change it. No mail is about pay, dismissal, health or family; no
        company that exists; domains end in .example. How hard it is follows from what gives it away.
      </Text>
      <Select label="Pattern" searchable data={patterns} value={pattern} onChange={setPattern} data-autofocus />
      {found.isError && <Problem error={found.error} />}
      {found.data !== undefined && (
        <Editor key={pattern} start={found.data.source.replace(/^id: .*$/m, 'id: my-mail').replace(/^version: .*$/m, 'version: 1')} save={(source) => room.phishing.addTemplate(source)} onClose={onClose} />
      )}
    </Stack>
  );
} // prettier-ignore

/** On top of the version that was read, whatever was fetched since: who is slower is told, keeps their words, and reads the others'. */
function Edit({ of, onClose }: { of: PhishTemplate; onClose: () => void }) {
  const [first] = useState(of);
  const [read, setRead] = useState(of);
  return (
    <Editor
      start={first.source}
      theirs={read.version === first.version ? null : read.source}
      save={(source) => room.phishing.changeTemplate(read.id, read.version, source)}
      onClose={onClose}
      onRead={async () => setRead(await room.phishing.template(first.id))}
    />
  );
}

const isStale = (error: unknown): boolean => isProblem(error) && error.status === 412;

type Edited = Readonly<{
  start: string;
  /** What somebody else saved meanwhile, once it was read. */
  theirs?: string | null;
  save: (source: string) => Promise<PhishTemplate>;
  onClose: () => void;
  onRead?: () => Promise<void>;
}>;

function Editor({ start, theirs = null, save, onClose, onRead }: Edited) {
  const queries = useQueryClient();
  const [source, setSource] = useState(start);
  const tried = useMutation({ mutationFn: () => room.phishing.tryTemplate(source) });
  const kept = useMutation({
    mutationFn: () => save(source),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['phishing'] });
      onClose();
    },
  });
  const read = useMutation({ mutationFn: async () => onRead?.(), onSuccess: () => kept.reset() });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    kept.mutate();
  };
  const failed = kept.error ?? tried.error;
  const faults = faultsIn(failed);
  return (
    <form onSubmit={submit}>
      <Stack>
        <Textarea label="Text" description="Markdown: docs/formats/education-texts.md" autosize minRows={12} maxRows={24} value={source} onChange={(event) => { tried.reset(); kept.reset(); setSource(event.currentTarget.value); }} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} />
        {faults.length > 0 && (
          <IntoView of={failed}>
          <Alert color="red" title="It cannot be used like this" role="alert">
            {faults.map(({ line, says, hint }) => (
              <Text key={`${line} ${says}`} size="sm">
                Line {line}: {says}; {hint}.
              </Text>
            ))}
          </Alert>
          </IntoView>
        )}
        {isStale(failed) && (
          <IntoView of={failed}>
          <Stack gap="xs" role="alert" align="flex-start">
            <Text size="sm">Somebody else saved a version meanwhile. Nothing of yours was saved, and your words are still here: copy what you need, and read theirs.</Text>
            <Button variant="default" size="compact-sm" loading={read.isPending} onClick={() => read.mutate()}>Read theirs</Button>
          </Stack>
          </IntoView>
        )}
        {read.isError && <Problem error={read.error} />}
        {theirs !== null && <Textarea label="Theirs" description="What you save now takes its place." readOnly autosize minRows={6} maxRows={16} value={theirs} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} />}
        {failed !== null && faults.length === 0 && !isStale(failed) && <IntoView of={failed}><Refused error={failed} again={() => (kept.isError ? kept : tried).mutate()} /></IntoView>}
        {tried.data !== undefined && (
          <IntoView of={tried.data}>
            <Text size="sm" fw={600} mb="xs">It would be {LEVELS[tried.data.level]}.</Text>
            <Preview of={tried.data.preview} />
          </IntoView>
        )}
        <Group>
          <Button variant="default" loading={tried.isPending} onClick={() => { kept.reset(); tried.mutate(); }}>Try it</Button>
          <Button type="submit" loading={kept.isPending}>Save it</Button>
        </Group>
      </Stack>
    </form>
  );
} // prettier-ignore

/** As text: nothing in it leads anywhere. */
function Preview({ of: { from, subject, text, leadsTo, page, asks, learn } }: { of: TriedPhishTemplate['preview'] }) {
  return (
    <Card withBorder padding="sm" component="section" aria-label="as somebody would get it">
      <Stack gap="xs">
        <Text size="sm" className="wrap">
          <b>{subject}</b>, from {from}
        </Text>
        <Text size="sm" style={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>
          {text}
        </Text>
        <Text size="sm" c="dimmed" className="wrap">
          Its link pretends to lead to {leadsTo}. The page says: {page} {asks.length === 0 ? 'It asks for nothing.' : `It asks for ${asks.join(', ')}; what is typed never leaves it.`}
        </Text>
        <Text size="sm">What is to be learned: {learn}</Text>
      </Stack>
    </Card>
  );
} // prettier-ignore
