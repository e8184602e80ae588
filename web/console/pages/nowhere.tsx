/** Where an address leads nowhere, and where a page fell over: neither repeats what the address or the error says. */
import { Button, Center, Stack } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { Empty, Problem } from '../../ui/states.tsx';

const Back = () => (
  <Button component={Link} to="/" variant="default">
    To the start
  </Button>
);

export const NowherePage = () => (
  <Center mih="60vh" component="main">
    <Stack align="center">
      <Empty title="There is no such page">The address is wrong, or it is of an older release.</Empty>
      <Back />
    </Stack>
  </Center>
);

export const BrokenPage = ({ error }: { error: unknown }) => (
  <Center mih="60vh" p="md">
    <Stack align="center">
      <Problem error={error} />
      <Back />
    </Stack>
  </Center>
);
