/**
 * The one PostgreSQL all tests share: the caller's `DATABASE_URL`, or an embedded server of `#platform/testing`.
 */
export type SharedDatabase = Readonly<{ url: string; origin: string; stop: () => Promise<void> }>;

type TestingDoor = {
  startTestServer: () => Promise<{ url: string; stop: () => Promise<void> }>;
  dropTemplates: (url: string) => Promise<void>;
};

export async function sharedDatabase(given: string | undefined): Promise<SharedDatabase> {
  // named in a variable so that the runner still type-checks and runs unit tests where the door is broken
  const door: string = '#platform/testing';
  const { startTestServer, dropTemplates } = (await import(door)) as TestingDoor;
  if (given !== undefined && given !== '') {
    return { url: given, origin: 'the PostgreSQL of DATABASE_URL', stop: () => dropTemplates(given) };
  }
  const server = await startTestServer();
  return { url: server.url, origin: 'embedded PostgreSQL', stop: server.stop };
}
