/** One rule of all, by its title; or every rule. */
import { Select } from '@mantine/core';
import type { TrafficRule } from '@strongroom/sdk';
import { useState } from 'react';

type RuleChoiceProps = Readonly<{
  rules: readonly TrafficRule[];
  /** What speaks without a rule; one that is missing can be typed by its id. */
  behaviours: readonly string[];
  chosen: string | null;
  onChoose: (rule: string | null) => void;
}>;

export function RuleChoice({ rules, behaviours: unruled, chosen, onChoose }: RuleChoiceProps) {
  const [term, setTerm] = useState('');
  const behaviours = unruled.map((id) => ({ value: id, label: id.replace('.', ': ').replaceAll('-', ' ') }));
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
