/** A secret that is shown this one time: a key, a link, recovery codes. */
import { Alert, Button, Code, CopyButton, Group, Text } from '@mantine/core';

export function ShownOnce({
  title,
  says,
  secret,
  onClose,
}: {
  title: string;
  says: string;
  /** Several are shown one a line. */
  secret: string | readonly string[];
  onClose?: () => void;
}) {
  const text = typeof secret === 'string' ? secret : secret.join('\n');
  return (
    <Alert title={title} role="status" withCloseButton={onClose !== undefined} onClose={() => onClose?.()}>
      <Text size="sm" mb="xs">
        {says}
      </Text>
      <Code block className="wrap">
        {text}
      </Code>
      {/* room for the ring of what has the focus */}
      <Group mt="xs" p={4}>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="compact-sm" variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Alert>
  );
}
