/** Cedar texts by their ids, to read and to change. */
import { Accordion, Badge, Button, Code, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import type { PolicyDocument } from '@strongroom/sdk';
import { useState } from 'react';

import { policyChanges } from '../role-changes.ts';

export function Texts({
  document,
  before,
  onChange,
}: {
  document: PolicyDocument;
  before: PolicyDocument;
  /** Null: to read only. */
  onChange: ((next: PolicyDocument) => void) | null;
}) {
  const [id, setId] = useState('');
  const changed = policyChanges(before.policies, document.policies).map((one) => one.id);
  // one that was taken out stays in sight, so that it can be put back
  const ids = [...new Set([...Object.keys(before.policies), ...Object.keys(document.policies)])];
  const set = (name: string, text: string): void => {
    const { [name]: _, ...others } = document.policies;
    // as its author left it, so that what is put back is no change
    onChange?.({ ...document, policies: text.trim() === '' ? others : { ...others, [name]: text } });
  };
  return (
    <Stack>
      <Text size="sm">
        Cedar. {onChange === null ? 'Your role reads it.' : 'Change a text; an empty one is left out.'}
      </Text>
      <Accordion variant="contained" multiple keepMounted={false}>
        {ids.map((each) => (
          <Accordion.Item key={each} value={each}>
            <Accordion.Control>
              <Group gap="xs">
                <Text ff="monospace" size="sm">
                  {each}
                </Text>
                {changed.includes(each) && <Badge color="orange">changed</Badge>}
              </Group>
            </Accordion.Control>
            <Accordion.Panel>
              {onChange === null ? (
                <Code block className="wrap">
                  {document.policies[each]}
                </Code>
              ) : (
                <Textarea
                  aria-label={`policy ${each}`}
                  autosize
                  minRows={3}
                  classNames={{ input: 'mono' }}
                  spellCheck={false}
                  value={document.policies[each] ?? ''}
                  onChange={(event) => set(each, event.currentTarget.value)}
                />
              )}
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      {onChange !== null && (
        <Group align="flex-end">
          <TextInput
            label="Id of a new policy"
            value={id}
            onChange={(event) => setId(event.currentTarget.value)}
            maxLength={80}
          />
          <Button
            variant="default"
            disabled={!/^[a-z][a-z0-9-]*$/.test(id) || ids.includes(id)}
            onClick={() => {
              set(id, 'permit (principal in Role::"", action == Action::"mask", resource in DataClass::"internal");');
              setId('');
            }}
          >
            Add a policy
          </Button>
        </Group>
      )}
    </Stack>
  );
}
