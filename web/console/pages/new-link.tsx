/** A new link for who lost the password or more: what it takes away, and how the administrator knows who asks for it. */
import { Radio, Select, Stack } from '@mantine/core';
import type { NewLink, Person } from '@strongroom/sdk';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { Dialog } from '../dialog.tsx';
import { room } from '../room.ts';

const WAYS: Readonly<Record<NewLink['identifiedBy'], string>> = {
  'in-person': 'They stood before me',
  video: 'I saw them on a video call',
  'call-back': 'I called a number that we had before',
  document: 'They showed an identity document',
  colleague: 'A colleague who knows them vouched for them',
};
const isWay = (text: string | null): text is NewLink['identifiedBy'] => text !== null && Object.hasOwn(WAYS, text);

export function NewLinkForm({
  who,
  onClose,
  onDone,
}: {
  who: Person;
  onClose: () => void;
  onDone: (token: string) => Promise<unknown>;
}) {
  const [kind, setKind] = useState<NewLink['kind']>('password');
  const [way, setWay] = useState<string | null>(null);
  const make = useMutation({
    mutationFn: async (identifiedBy: NewLink['identifiedBy']) =>
      (await room.people.link(who.id, { kind, identifiedBy })).token,
    onSuccess: onDone,
  });
  return (
    <Dialog
      title={`A new link for ${who.name}`}
      sending={make}
      does="Make the link"
      onSend={() => isWay(way) && make.mutate(way)}
      ready={isWay(way)}
      onClose={onClose}
    >
      <Radio.Group
        label="What did they lose?"
        value={kind}
        onChange={(next) => setKind(next === 'all' ? 'all' : 'password')}
      >
        <Stack gap="xs" mt="xs">
          <Radio
            value="password"
            label="The password"
            description="It is taken away; the second factor stays, and is asked for"
          />
          <Radio
            value="all"
            label="More than that"
            description="Everything they sign in with is taken away; the link lets them begin anew"
          />
        </Stack>
      </Radio.Group>
      <Select
        label="How do you know that it is them?"
        description="It is in the log, under your name. Their sessions end."
        data={Object.entries(WAYS).map(([value, label]) => ({ value, label }))}
        value={way}
        onChange={setWay}
        required
      />
    </Dialog>
  );
}
