/** A rule of one's own, in Sigma: tried on what was before it is heard. */
import { Alert, Badge, Button, Card, Group, List, Select, Stack, Text, Textarea, Title } from '@mantine/core';
import type { RuleTrial } from '@strongroom/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { counted } from '../../ui/listed.tsx';
import { room } from '../room.ts';
import { When } from '../when.tsx';
import { Refused } from './step-up.tsx';

/** Of its own each time: crypto.randomUUID is there only over https, and this page is everywhere. */
function newId(): string {
  const hex = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0'));
  // RFC 9562 §5.4: version 4, variant 10
  const text = [...hex.slice(0, 6), `4${hex[6]?.slice(1)}`, hex[7], `a${hex[8]?.slice(1)}`, ...hex.slice(9)].join('');
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

const first = (): string => `title: What it sees, in a few words
id: ${newId()}
description: Why it matters
logsource:
  category: webserver
detection:
  selection:
    sc-status: 404
  condition: selection
level: low
falsepositives:
  - When it is wrong
`;
const HOURS = ['1', '24', '168', '720'].map((value) => ({
  value,
  label: value === '1' ? 'the last hour' : `the last ${Number(value) < 48 ? `${value} hours` : `${Number(value) / 24} days`}`,
})); // prettier-ignore

export function OwnRule({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [text, setText] = useState(first);
  const [hours, setHours] = useState('24');
  const look = useMutation({
    mutationFn: async (asked: string) => ({ asked, trial: await room.traffic.testRule(asked, Number(hours)) }),
  });
  const put = useMutation({
    mutationFn: () => room.traffic.putRule(text),
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: ['traffic', 'rules'] });
    },
  });
  // what was said of another text says nothing of this one
  const trial = look.data?.asked === text ? look.data.trial : undefined;
  const faulty = trial?.faults.some(({ weight }) => weight === 'error') === true;
  return (
    <Card withBorder padding="sm">
      <Stack>
        <Title order={2} size="h4">
          A rule of your own
        </Title>
        <Textarea
          label="Rule, in Sigma"
          description="One rule. Another of the same id is replaced."
          value={text}
          onChange={({ currentTarget: { value } }) => setText(value)}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
          spellCheck={false}
          autosize
          minRows={10}
          maxRows={24}
        />
        <Group align="flex-end">
          <Select
            label="Try it on"
            w={190}
            allowDeselect={false}
            openOnFocus={false}
            data={HOURS}
            value={hours}
            onChange={(next) => setHours(next ?? hours)}
          />
          <Button variant="default" loading={look.isPending} onClick={() => look.mutate(text)}>
            Try it
          </Button>
          <Button loading={put.isPending} disabled={trial === undefined || faulty} onClick={() => put.mutate()}>
            Add it
          </Button>
          <Button variant="subtle" onClick={onClose}>
            Cancel
          </Button>
        </Group>
        {trial === undefined && (
          <Text size="sm" c="dimmed">
            Try it first: then it can be added.
          </Text>
        )}
        {look.isError && <Refused error={look.error} again={() => look.mutate(text)} />}
        {put.isError && <Refused error={put.error} again={() => put.mutate()} />}
        {trial !== undefined && <Trial trial={trial} faulty={faulty} />}
      </Stack>
    </Card>
  );
}

function Trial({ trial: { faults, events, alerts, more }, faulty }: { trial: RuleTrial; faulty: boolean }) {
  const many = alerts.length + more;
  return (
    <Stack gap="xs" role="status">
      <Faults faults={faults} title={faulty ? 'It cannot run so' : 'It runs, but look at this'} />
      {!faulty && (
        <Alert color={many === 0 ? 'teal' : 'blue'} title={`${counted(many, 'alert')} in ${counted(events, 'event')}`}>
          {many === 0 ? (
            'It would have said nothing. If it should have, look at the field names: an event, whole, shows them.'
          ) : (
            <List size="sm" className="wrap">
              {alerts.slice(0, 10).map(({ at, reason, severity }, n) => (
                <List.Item key={n}>
                  <When at={at} />, {severity}: {reason}
                </List.Item>
              ))}
              {many > 10 && <List.Item>and {(many - 10).toLocaleString()} more</List.Item>}
            </List>
          )}
        </Alert>
      )}
    </Stack>
  );
} // prettier-ignore

/** By line, so that its author can put it right. */
export function Faults({ faults, title }: { faults: RuleTrial['faults']; title: string }) {
  if (faults.length === 0) return null;
  const worst = faults.some(({ weight }) => weight === 'error');
  return (
    <Alert color={worst ? 'red' : 'orange'} title={title} role="group">
      <List size="sm" className="wrap">
        {faults.map(({ file, line, weight, says, hint }, n) => (
          <List.Item key={n}>
            <Badge size="sm" variant="light" color={weight === 'error' ? 'red' : 'orange'}>
              {weight}
            </Badge>{' '}
            {file === 'rule.yml' ? '' : `${file}, `}
            {line === null ? '' : `line ${line}: `}
            {says} ({hint})
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
