/** One report without a name: what was said, what was asked and answered since, and what becomes of it. */
import { Alert, Anchor, Button, Card, Group, Select, Stack, Text, Textarea, Title } from '@mantine/core';
import type { NamelessReport, NamelessStep } from '@strongroom/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { Fetching, Problem } from '../../ui/states.tsx';
import { useNames } from '../names.ts';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';
import { kindOf, KINDS, type Kind } from './incident-parts.tsx';
import { reportedAs, Stands, WHEN } from './nameless-parts.tsx';
import { Refused } from './step-up.tsx';

const GONE = 'This can no longer be read: its key is gone.';

export function NamelessReportPage({ id }: { id: string }) {
  const may = useWhoAmI().data?.actions.includes('incidents.manage') === true;
  const found = useQuery({
    queryKey: ['incidents', 'nameless-one', id],
    queryFn: ({ signal }) => room.incidents.namelessReport(id, { signal }),
    // each look is an entry of the log: none happens unasked
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (found.isPending) return <Fetching what="the report" />;
  if (found.data === undefined) return <Problem error={found.error} />;
  const report = found.data;
  return (
    <Stack maw={820}>
      <div>
        <Text component={Link} to="/incidents/reports" size="sm" c="dimmed">
          ← Reported without a name
        </Text>
        <Group gap="xs">
          <Title order={1} size="h2">
            {reportedAs(report.kind)}
          </Title>
          <Stands of={report} />
        </Group>
        <Text size="sm" c="dimmed">
          reported <When at={report.receivedAt} />, moved last <When at={report.movedAt} />
        </Text>
      </div>
      {report.incident !== null && (
        <Alert color="blue" title="It is an incident">
          It is closed with it, and whoever reported it reads that.{' '}
          <Anchor component={Link} to={`/incidents/${report.incident}`} underline="always">
            Open the incident
          </Anchor>
        </Alert>
      )}
      <Said report={report} />
      {may && report.state !== 'closed' && <Work report={report} />}
    </Stack>
  );
}

function Said({ report: { said, talk } }: { report: NamelessReport }) {
  const nameOf = useNames();
  return (
    <Card withBorder component="section" aria-label="what was said">
      <Stack gap="sm">
        <Title order={2} size="h4">
          What was said
        </Title>
        {said === null ? (
          <Text c="dimmed">{GONE}</Text>
        ) : (
          <>
            <Text className="wrap" dir="auto" style={{ whiteSpace: 'pre-wrap' }}>
              {said.words === '' ? 'No words: what it is most like is all that was said.' : said.words}
            </Text>
            <Text size="sm" c="dimmed">
              When: {WHEN[said.when] ?? said.when}.
            </Text>
            {said.reach !== '' && (
              <Text size="sm" className="wrap">
                They can be reached, as they want it: <bdi>{said.reach}</bdi>. It stays here, and goes into no incident.
              </Text>
            )}
          </>
        )}
        {talk.map(({ seq, saidBy, at, by, text }) => (
          <div key={seq}>
            <Text size="sm" fw={600}>
              {saidBy === 'team' ? `Asked by ${by === null ? 'the team' : nameOf(by)}` : 'Answered'}, <When at={at} />
            </Text>
            <Text className="wrap" dir="auto" style={{ whiteSpace: 'pre-wrap' }}>
              {text ?? GONE}
            </Text>
          </div>
        ))}
      </Stack>
    </Card>
  );
}

function Work({ report }: { report: NamelessReport }) {
  const [queries, navigate] = [useQueryClient(), useNavigate()];
  const [text, setText] = useState('');
  const [kind, setKind] = useState<Kind | null>(null);
  const step = useMutation({
    mutationFn: (wanted: NamelessStep) => room.incidents.stepNameless(report.id, { ...wanted, seen: report.talk.length }),
    onSuccess: async (now, { step: did }) => {
      setText('');
      queries.setQueryData(['incidents', 'nameless-one', report.id], now);
      await queries.invalidateQueries({ queryKey: ['incidents', 'nameless'] });
      if (did === 'incident' && now.incident !== null) await navigate({ to: `/incidents/${now.incident}` });
    },
  });
  const words = text.trim();
  return (
    <Card withBorder component="section" aria-label="what to do with it">
      <Stack>
        <Title order={2} size="h4">
          What to do with it
        </Title>
        {report.state === 'received' && (
          <Button w="fit-content" loading={step.isPending} onClick={() => step.mutate({ step: 'look' })}>
            I look at it
          </Button>
        )}
        <Textarea
          label="Words to whoever reported it"
          description="They read them with their number: a question, or how it ended. No names."
          autosize
          minRows={2}
          maxLength={2000}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Group gap="xs">
          <Button variant="default" loading={step.isPending} disabled={words === ''} onClick={() => step.mutate({ step: 'ask', text: words })}>
            Ask them
          </Button>
          {report.incident === null && (
            <Button variant="default" loading={step.isPending} disabled={words === ''} onClick={() => step.mutate({ step: 'close', text: words })}>
              Close it with these words
            </Button>
          )}
        </Group>
        {report.incident === null && (
          <Group align="flex-end" gap="xs">
            <Select
              label="What it is, as an incident"
              placeholder="as it was reported"
              clearable
              openOnFocus={false}
              data={Object.keys(KINDS).map((value) => ({ value, label: kindOf(value) }))}
              value={kind}
              onChange={(next) => setKind(next as Kind | null)}
            />
            <Button loading={step.isPending} onClick={() => step.mutate({ step: 'incident', ...(kind === null ? {} : { kind }) })}>
              Make it an incident
            </Button>
          </Group>
        )}
        {step.isError && <Refused error={step.error} again={() => step.mutate(step.variables)} />}
      </Stack>
    </Card>
  );
} // prettier-ignore
