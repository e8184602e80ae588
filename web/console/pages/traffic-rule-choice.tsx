/** One rule of all, by its title; or every rule. */
import { Select } from '@mantine/core';
import type { TrafficRule } from '@strongroom/sdk';
import { useState } from 'react';

/** What is watched without a rule in Sigma. One that is missing here can be typed by its id. */
const BEHAVIOURS = [
  'beacon', 'brute-force', 'credential-stuffing', 'customers-per-hour', 'dns-tunnel', 'honey-record', 'honey-token',
  'id-enumeration', 'impossible-travel', 'log-in-after-failures', 'new-device', 'off-hours', 'overflow', 'password-spray',
  'port-scan', 'slow-scrape', 'unlogged-data', 'volume-out',
]; // prettier-ignore

type RuleChoiceProps = Readonly<{
  rules: readonly TrafficRule[];
  chosen: string | null;
  onChoose: (rule: string | null) => void;
}>;

export function RuleChoice({ rules, chosen, onChoose }: RuleChoiceProps) {
  const [term, setTerm] = useState('');
  const behaviours = BEHAVIOURS.map((id) => ({ value: `behaviour.${id}`, label: `behaviour: ${id.replaceAll('-', ' ')}` }));
  const titled = rules.flatMap(({ id, title, state }) => (state === 'part' ? [] : [{ value: id, label: title }]));
  const known = [...behaviours, ...titled.toSorted((a, b) => (a.label < b.label ? -1 : 1))];
  const isKnown = (id: string): boolean => known.some(({ value, label }) => value === id || label === id);
  const others = [...new Set([chosen ?? '', term.trim()])].filter((id) => /^[\w.-]{3,120}$/.test(id) && !isKnown(id));
  return (
    <Select
      label="Rule"
      description="Empty: every rule"
      placeholder="every rule"
      searchable
      clearable
      clearButtonProps={{ 'aria-label': 'every rule' }}
      openOnFocus={false}
      onSearchChange={setTerm}
      data={[...others.map((id) => ({ value: id, label: id })), ...known]}
      value={chosen}
      onChange={onChoose}
    />
  );
} // prettier-ignore
