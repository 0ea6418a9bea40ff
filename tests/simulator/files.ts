/** `node:fs/promises`, as far as an archive of dead letters uses it; files are in memory. */
export function memoryFiles() {
  const files = new Map<string, string>();
  return {
    files,
    open: async (path: string) => ({
      stat: async () => ({ size: files.get(path)?.length ?? 0 }),
      read: async () => ({ buffer: Buffer.from(files.get(path)?.slice(-1) ?? '') }),
      appendFile: async (text: string) => void files.set(path, (files.get(path) ?? '') + text),
      sync: async () => {},
      close: async () => {},
    }),
  };
}
