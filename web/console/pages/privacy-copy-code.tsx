/** The code of a copy's link, shown once; and its mail once more. */
import { Button, Group, Modal, Stack } from '@mantine/core';
import type { PrivacyRequest } from '@strongroom/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';

import { ShownOnce } from '../../ui/shown-once.tsx';
import { room } from '../room.ts';
import { Refused } from './step-up.tsx';

export function CopyCodeShown({ code, onClose }: { code: string; onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      title="A link goes to the customer by mail"
      centered
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
    >
      <Stack>
        <ShownOnce
          title="Its code"
          says="The link works once, and asks for this code. Tell it by letter or telephone, never by mail: it is not shown again."
          secret={code}
        />
        <Group justify="flex-end">
          <Button onClick={onClose}>I have noted it</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** The mail with a copy's link once more: the one before it has not reached anybody. */
export function SendAgain({ request }: { request: PrivacyRequest }) {
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: () => room.privacyRequests.sendLink(request.id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['privacy-requests'] }),
  });
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        h="auto"
        py={4}
        styles={{ label: { whiteSpace: 'normal', lineHeight: 1.3 } }}
        loading={send.isPending}
        onClick={() => send.mutate()}
      >
        Send it again
      </Button>
      {send.isError && <Refused error={send.error} again={() => send.mutate()} />}
      {send.data !== undefined && <CopyCodeShown code={send.data.code} onClose={() => send.reset()} />}
    </>
  );
}
