export async function demo(_args: readonly string[]): Promise<void> {}
