const BUCKET = 'orders-archive-local-000000000000';

/** Deletes all objects of the archive of an `npm start`. @param endpoint its S3 */
export async function emptyArchive(endpoint: string): Promise<void> {
  for (;;) {
    const list = await (await fetch(`${endpoint}/${BUCKET}?list-type=2`)).text();
    const keys = [...list.matchAll(/<Key>(.*?)<\/Key>/g)];
    if (keys.length === 0) return;
    for (const [, key] of keys) await fetch(`${endpoint}/${BUCKET}/${key}`, { method: 'DELETE' });
  }
}
