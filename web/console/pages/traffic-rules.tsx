/** Rules that detections are made of, shipped and own; what nobody wants to hear of; what is done by itself. */
import { Anchor, Badge, Button, Card, Group, Select, Stack, Table, Tabs, Text, TextInput, Title } from '@mantine/core';
import type { TrafficRule } from '@strongroom/sdk';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Listed } from '../../ui/listed.tsx';
import { Empty, Fetching, Problem } from '../../ui/states.tsx';
import { room } from '../room.ts';
import { useWhoAmI } from '../session.ts';
import { When } from '../when.tsx';

import { Faults, OwnRule } from './traffic-own-rule.tsx';
import { PlaybooksPanel } from './traffic-playbooks.tsx';
import { OneRule, RuleState } from './traffic-rule.tsx';
import { Suppressions } from './traffic-suppressions.tsx';

/** Half of the shipped rules are parts that correlations stand on: they would hide the others. */
const SPEAK = 'speak';
const EVERY = 'every';
const STATES = [
  { value: SPEAK, label: 'rules that alert alone' },
  { value: EVERY, label: 'every state' },
  { value: 'on', label: 'on' },
  { value: 'off', label: 'off' },
  { value: 'suspended', label: 'suspended: it spoke too often' },
  { value: 'idle', label: 'idle: no sensor makes such events' },
  { value: 'part', label: 'part: others stand on it' },
];

export function TrafficRulesPage() {
  const actions: readonly string[] = useWhoAmI().data?.actions ?? [];
  return (
    <Stack>
      <Title order={1} size="h2">
        Rules
      </Title>
      <Tabs defaultValue="rules" keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="rules">Rules</Tabs.Tab>
          <Tabs.Tab value="suppressions">Suppressed</Tabs.Tab>
          <Tabs.Tab value="playbooks">Playbooks</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="rules">
          <Rules mayManage={actions.includes('rules.manage')} />
        </Tabs.Panel>
        <Tabs.Panel value="suppressions">
          <Suppressions mayEnd={actions.includes('cases.work')} />
        </Tabs.Panel>
        <Tabs.Panel value="playbooks">
          <PlaybooksPanel mayChange={actions.includes('measures.take')} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

const fits = (rule: TrafficRule, term: string, state: string): boolean =>
  (state === EVERY || (state === SPEAK ? rule.state !== 'part' : rule.state === state)) &&
  [rule.title, rule.id, ...rule.attack].some((text) => text.toLowerCase().includes(term.trim().toLowerCase()));

function Rules({ mayManage }: { mayManage: boolean }) {
  const [term, setTerm] = useState('');
  const [state, setState] = useState(SPEAK);
  const [open, setOpen] = useState<string | null>(null);
  const [adding, setAdding] = useState(false);
  const found = useQuery({
    queryKey: ['traffic', 'rules'],
    queryFn: ({ signal }) => room.traffic.rules({ signal }),
  });
  if (found.isPending) return <Fetching what="rules" />;
  if (found.data === undefined) return <Problem error={found.error} />;
  const { rules, faults } = found.data;
  const shown = rules.filter((rule) => fits(rule, term, state));
  const chosen = rules.find(({ id }) => id === open);
  return (
    <Stack>
      <Group justify="space-between" align="flex-end">
        <Group align="flex-end" w={{ base: '100%', xs: 'auto' }}>
          <TextInput
            label="Search"
            description="Title, id or technique of ATT&CK"
            w={{ base: '100%', xs: 260 }}
            value={term}
            onChange={({ currentTarget: { value } }) => setTerm(value)}
          />
          <Select
            label="State"
            w={{ base: '100%', xs: 260 }}
            allowDeselect={false}
            openOnFocus={false}
            data={STATES}
            value={state}
            onChange={(next) => setState(next ?? SPEAK)}
          />
        </Group>
        {mayManage && !adding && <Button onClick={() => setAdding(true)}>Add a rule of your own</Button>}
      </Group>
      <Faults faults={faults} title="Rules that are not as they should be" />
      {adding && <OwnRule onClose={() => setAdding(false)} />}
      {shown.length === 0 ? (
        <Card withBorder>
          <Empty title={rules.length === 0 ? 'There is no rule yet' : 'No rule fits'}>
            {rules.length === 0
              ? 'Behaviours are watched all the same. Add a rule of your own, in Sigma.'
              : 'Search for something else, or take every state.'}
          </Empty>
        </Card>
      ) : (
        <Listed
          title={`${shown.length} of ${rules.length} rules`}
          head={['Rule', 'Level', 'State', 'Alerts in 30 days', 'Last', 'ATT&CK']}
          minWidth={780}
          stacks
        >
          {shown.map((rule) => (
            <Table.Tr key={rule.id}>
              <Table.Th scope="row" fw={500}>
                <Anchor component="button" type="button" size="sm" ta="start" onClick={() => setOpen(rule.id)}>
                  {rule.title}
                </Anchor>{' '}
                {rule.own && (
                  <Badge size="sm" variant="default">
                    own
                  </Badge>
                )}
              </Table.Th>
              <Table.Td>{rule.level ?? '–'}</Table.Td>
              <Table.Td>
                <RuleState of={rule} />
              </Table.Td>
              <Table.Td>{rule.alerts.toLocaleString()}</Table.Td>
              <Table.Td>
                <When at={rule.lastAt} />
              </Table.Td>
              <Table.Td>
                <Text size="xs">{rule.attack.join(', ')}</Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Listed>
      )}
      {chosen !== undefined && <OneRule rule={chosen} mayManage={mayManage} onClose={() => setOpen(null)} />}
    </Stack>
  );
}
