/** A button for what cannot be taken back: it says what will happen, and asks once. */
import { Button, Group, Modal, Stack, Text, type ButtonProps } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';

export function Confirm({
  label,
  name = label,
  title,
  children,
  onYes,
  ...button
}: Omit<ButtonProps, 'children'> & {
  label: string;
  /** What it is called to who does not see the row it stands in. */
  name?: string;
  title: string;
  /** What will happen. */
  children: ReactNode;
  onYes: () => void;
}) {
  const [open, { open: ask, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" aria-label={name} {...button} onClick={ask}>
        {label}
      </Button>
      <Modal opened={open} onClose={close} title={title} centered>
        <Stack>
          <Text size="sm" component="div">
            {children}
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={close} data-autofocus>
              Cancel
            </Button>
            <Button
              color="red"
              onClick={() => {
                close();
                onYes();
              }}
            >
              {label}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
