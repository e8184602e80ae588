/** What is done by itself when an alert comes, within limits: rehearsed first. All of them are saved as one. */
import { Alert, Button, Card, Group, NumberInput, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import type { Playbook } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { RuleChoice } from './traffic-rule-choice.tsx';
import { Refused } from './step-up.tsx';
import { ACTIONS, SPANS } from './traffic-parts.tsx';

const SEVERITIES: readonly Playbook['severity'][] = ['informational', 'low', 'medium', 'high', 'critical'];
const MODES: readonly { value: Playbook['mode']; label: string }[] = [
  { value: 'shadow', label: 'rehearse: only say what would be done' },
  { value: 'on', label: 'on: do it' },
  { value: 'off', label: 'off' },
];
const NEW: Playbook = {
  rule: null,
  severity: 'critical',
  action: 'throttle',
  seconds: 3600,
  mode: 'shadow',
  perHour: 3,
};

export function PlaybooksPanel({ mayChange }: { mayChange: boolean }) {
  const found = useQuery({
    queryKey: ['traffic', 'playbooks'],
    queryFn: ({ signal }) => room.traffic.playbooks({ signal }),
  });
  if (found.isPending) return <Fetching what="playbooks" />;
  if (found.data === undefined) return <Problem error={found.error} />;
  // by what was saved: another save begins the form anew
  return (
    <Editor
      key={found.dataUpdatedAt}
      before={found.data.playbooks}
      version={found.data.version}
      mayChange={mayChange}
    />
  );
}

function Editor({ before, version, mayChange }: { before: readonly Playbook[]; version: string; mayChange: boolean }) {
  const queries = useQueryClient();
  const rules = useQuery({
    queryKey: ['traffic', 'rules'],
    queryFn: ({ signal }) => room.traffic.rules({ signal }),
  });
  const [books, setBooks] = useState(before);
  const save = useMutation({
    mutationFn: () => room.traffic.putPlaybooks(books, { version }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['traffic', 'playbooks'] }),
  });
  const change = (at: number, part: Partial<Playbook>): void =>
    setBooks((now) => now.map((book, n) => (n === at ? { ...book, ...part } : book)));
  const changed = JSON.stringify(books) !== JSON.stringify(before);
  const acting = books.filter((book, n) => book.mode === 'on' && before[n]?.mode !== 'on').length;
  return (
    <Stack>
      <Text size="sm">
        A playbook acts on as little as its action allows, no more often than its limit, and with an end: but a key that
        is revoked stays revoked. Rehearse first: the case then says what would have been done.
      </Text>
      {books.length === 0 && (
        <Card withBorder>
          <Empty title="Nothing is done by itself">
            {mayChange ? 'Add a playbook: it begins as a rehearsal.' : 'Who may take measures adds one.'}
          </Empty>
        </Card>
      )}
      {books.map((book, n) => (
        <Card key={n} withBorder padding="sm" component="fieldset" m={0} disabled={!mayChange}>
          <Text component="legend" size="sm" fw={600} px={4}>
            Playbook {n + 1}
          </Text>
          <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
            <RuleChoice
              rules={rules.data?.rules ?? []}
              behaviours={rules.data?.behaviours ?? []}
              chosen={book.rule}
              onChoose={(rule) => change(n, { rule })}
            />
            <Select
              label="From severity"
              description={book.rule === null ? 'Of the case' : 'Not asked: the rule decides'}
              disabled={book.rule !== null}
              allowDeselect={false}
              openOnFocus={false}
              data={[...SEVERITIES]}
              value={book.severity}
              onChange={(severity) => severity !== null && change(n, { severity })}
            />
            <Select
              label="Then"
              description="Done to whom the case is about"
              allowDeselect={false}
              openOnFocus={false}
              data={[...ACTIONS]}
              value={book.action}
              onChange={(action) => action !== null && change(n, { action })}
            />
            <Select
              label="For"
              disabled={book.action.startsWith('revoke')}
              allowDeselect={false}
              openOnFocus={false}
              data={
                SPANS.some(({ value }) => value === String(book.seconds))
                  ? SPANS
                  : [...SPANS, { value: String(book.seconds), label: `${book.seconds} seconds` }]
              }
              value={String(book.seconds)}
              onChange={(seconds) => seconds !== null && change(n, { seconds: Number(seconds) })}
            />
            <NumberInput
              label="Times an hour, at most"
              min={1}
              max={1000}
              allowDecimal={false}
              clampBehavior="strict"
              value={book.perHour}
              onChange={(perHour) => typeof perHour === 'number' && change(n, { perHour })}
            />
            <Select
              label="Mode"
              allowDeselect={false}
              openOnFocus={false}
              data={[...MODES]}
              value={book.mode}
              onChange={(mode) => mode !== null && change(n, { mode })}
            />
          </SimpleGrid>
          {mayChange && (
            <Group justify="flex-end" mt="xs">
              <Button
                size="compact-sm"
                variant="subtle"
                color="red"
                aria-label={`Take away playbook ${n + 1}`}
                onClick={() => setBooks(books.filter((_, m) => m !== n))}
              >
                Take away
              </Button>
            </Group>
          )}
        </Card>
      ))}
      {acting > 0 && (
        <Alert color="orange" title="This will act by itself">
          {acting === 1 ? 'One playbook' : `${acting} playbooks`} will be on from now: without anybody who looks first.
          See in the cases of a few days what a rehearsal would have done.
        </Alert>
      )}
      {save.isError && <Refused error={save.error} again={() => save.mutate()} />}
      {mayChange && (
        <Group>
          <Button variant="default" disabled={books.length >= 50} onClick={() => setBooks([...books, NEW])}>
            Add a playbook
          </Button>
          <Button disabled={!changed} loading={save.isPending} onClick={() => save.mutate()}>
            Save
          </Button>
          {save.isSuccess && !changed && (
            <Text size="sm" role="status">
              Saved.
            </Text>
          )}
        </Group>
      )}
    </Stack>
  );
}
