export async function demo(_options: { seconds?: string }): Promise<void> {}
