/** A change of the catalogue, written as catalog.yaml: looked at first, then proposed to somebody else. */
import { Alert, Button, Group, Stack, Text, Textarea, Title } from '@mantine/core';
import type { LintedCatalog } from '@strongroom/sdk';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { ProposeIt } from '../versions.tsx';
import { CatalogueDiff } from './catalogue-diff.tsx';

export function CatalogueDraftPage() {
  // once: what is typed is based on this very version, and a newer one must not slip under it
  const active = useQuery({
    queryKey: ['catalogue', 'draft of'],
    queryFn: () => room.collection.version('active'),
    staleTime: Infinity,
    gcTime: 0,
  });
  if (active.isPending) return <Fetching what="the catalogue that holds" />;
  if (active.isError) return <Problem error={active.error} />;
  return <Draft basedOn={active.data.id} before={active.data.document} />;
}

function Draft({ basedOn, before }: { basedOn: string; before: string }) {
  const navigate = useNavigate();
  const [text, setText] = useState(before);
  const look = useMutation({
    mutationFn: async (asked: string) => ({ asked, linted: await room.collection.lint(asked) }),
  });
  const propose = useMutation({
    mutationFn: (note: string) => room.collection.propose(text, note, basedOn),
    onSuccess: ({ version }) => navigate({ to: `/catalogue/versions/${version.id}` }),
  });
  // what was said of another text says nothing of this one
  const linted = look.data?.asked === text ? look.data.linted : undefined;
  const changes = linted?.diff?.changes.length ?? 0;
  return (
    <Stack>
      <div>
        <Text component={Link} to="/catalogue" size="sm" c="dimmed">
          ← Catalogue
        </Text>
        <Title order={1} size="h2">
          Propose a change
        </Title>
      </div>
      <Textarea
        label="catalog.yaml"
        description="The version that holds; edit it. docs/formats/catalog.md says what each entry takes."
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
        spellCheck={false}
        autosize
        minRows={12}
        maxRows={28}
      />
      <Group>
        <Button variant="default" onClick={() => look.mutate(text)} loading={look.isPending}>
          What would it change?
        </Button>
        <Button variant="subtle" onClick={() => setText(before)} disabled={text === before}>
          Start over
        </Button>
      </Group>
      {look.isError && <Problem error={look.error} />}
      {linted !== undefined && <Linted linted={linted} />}
      {propose.isError && <Problem error={propose.error} />}
      <ProposeIt
        ready={linted?.ok === true && changes > 0}
        isPending={propose.isPending}
        propose={(note) => propose.mutate(note)}
      />
    </Stack>
  );
}

function Linted({ linted }: { linted: LintedCatalog }) {
  const said = [
    ...linted.problems.map((one) => ({ ...one, color: 'red', what: 'Problem' })),
    ...linted.warnings.map((one) => ({ ...one, color: 'orange', what: 'To be looked at' })),
  ];
  return (
    <Stack gap="xs" role="status">
      {said.map(({ path, line, says, hint, color, what }) => (
        <Alert
          key={`${path} ${says}`}
          color={color}
          title={`${what}${line === null ? '' : ` in line ${line}`}${path === '' ? '' : `: ${path}`}`}
        >
          {says}: {hint}
        </Alert>
      ))}
      {linted.diff !== null && <CatalogueDiff diff={linted.diff} />}
    </Stack>
  );
}
