/** One rule: what it says, when it is wrong, its text; switched off and on again with a reason. */
import { Badge, Button, Code, Drawer, Group, List, Stack, Text, Textarea } from '@mantine/core';
import type { TrafficRule } from '@strongroom/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Confirm } from '../../ui/confirm.tsx';
import { useDoers } from '../names.ts';
import { room } from '../room.ts';
import { Refused } from './step-up.tsx';

const COLOURS = { on: 'teal', off: 'gray', suspended: 'orange', idle: 'gray', part: 'blue' } as const;

export const RuleState = ({ of: { state } }: { of: TrafficRule }) => (
  <Badge variant="light" color={COLOURS[state]}>
    {state}
  </Badge>
);

export function OneRule({ rule, mayManage, onClose }: { rule: TrafficRule; mayManage: boolean; onClose: () => void }) {
  const doer = useDoers();
  return (
    <Drawer opened onClose={onClose} position="right" size="xl" title={rule.title}>
      <Stack>
        <Group gap="xs">
          <RuleState of={rule} />
          <Badge variant="default">{rule.level ?? 'no level'}</Badge>
          {rule.attack.map((technique) => (
            <Badge key={technique} variant="default">
              {technique}
            </Badge>
          ))}
        </Group>
        {rule.because !== '' && (
          <Text size="sm" className="wrap">
            {rule.because}
            {rule.by !== null && ` (${doer(rule.by)})`}
          </Text>
        )}
        <Text size="sm">{rule.description}</Text>
        {rule.falsePositives.length > 0 && (
          <div>
            <Text size="sm" fw={600}>
              It is wrong when
            </Text>
            <List size="sm">
              {rule.falsePositives.map((each) => (
                <List.Item key={each}>{each}</List.Item>
              ))}
            </List>
          </div>
        )}
        {mayManage && rule.state !== 'part' && <Switch rule={rule} onDone={onClose} />}
        <Code block className="wrap" tabIndex={0} aria-label="text of the rule">
          {rule.text}
        </Code>
      </Stack>
    </Drawer>
  );
}

function Switch({ rule, onDone }: { rule: TrafficRule; onDone: () => void }) {
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const anew = async () => {
    onDone();
    await queries.invalidateQueries({ queryKey: ['traffic', 'rules'] });
  };
  const wanted = rule.state === 'off' || rule.state === 'suspended' ? 'on' : 'off';
  const change = useMutation({
    mutationFn: () => room.traffic.setRuleState(rule.id, wanted, reason.trim()),
    onSuccess: anew,
  });
  const remove = useMutation({ mutationFn: () => room.traffic.removeRule(rule.id), onSuccess: anew });
  return (
    <Stack gap="xs">
      <Textarea
        label={wanted === 'off' ? 'Why it should be silent' : 'Why it should be heard again'}
        maxLength={2000}
        autosize
        value={reason}
        onChange={({ currentTarget: { value } }) => setReason(value)}
      />
      <Group>
        <Button
          variant={wanted === 'on' ? 'filled' : 'default'}
          disabled={reason.trim() === ''}
          loading={change.isPending}
          onClick={() => change.mutate()}
        >
          Switch {wanted}
        </Button>
        {rule.own && (
          <Confirm label="Remove" title="Remove this rule?" loading={remove.isPending} onYes={() => remove.mutate()}>
            Its text goes with it. Alerts and cases that it made stay.
          </Confirm>
        )}
      </Group>
      {change.isError && <Refused error={change.error} again={() => change.mutate()} />}
      {remove.isError && <Refused error={remove.error} again={() => remove.mutate()} />}
    </Stack>
  );
}
