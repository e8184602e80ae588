/** What was written before the session ended: to copy it to where it belongs. */
import { Alert, Button, CopyButton, Group, Stack, Text } from '@mantine/core';
import { use, useState } from 'react';

import { TypedContext } from './typed.ts';

export function TypedBefore({ person }: { person: string }) {
  const typed = use(TypedContext);
  const [written, setWritten] = useState(() => typed?.of(person) ?? []);
  if (written.length === 0) return null;
  const done = (): void => {
    typed?.drop();
    setWritten([]);
  };
  return (
    <Alert
      mb="md"
      title="Your session ended while this was being written"
      role="alert"
      withCloseButton
      closeButtonLabel="Away with it"
      onClose={done}
    >
      <Stack gap="xs">
        {written.map(({ label, text }, n) => (
          <div key={n}>
            <Group gap="xs">
              <Text size="sm" fw={600}>
                {label}
              </Text>
              <CopyButton value={text}>
                {({ copied, copy }) => (
                  <Button size="compact-xs" variant="default" aria-label={`Copy: ${label}`} onClick={copy}>
                    {copied ? 'Copied' : 'Copy'}
                  </Button>
                )}
              </CopyButton>
            </Group>
            <Text size="sm" className="wrap" style={{ whiteSpace: 'pre-wrap' }}>
              {text}
            </Text>
          </div>
        ))}
      </Stack>
    </Alert>
  );
}
