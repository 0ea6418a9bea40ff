import { format } from 'node:util';
import { vi } from 'vitest';

/** Keeps what is written to standard output and error, and to the console, until `restore`, instead of showing it. */
export function captureOutput() {
  let text = '';
  const keep = (chunk: unknown): boolean => {
    text += String(chunk);
    return true;
  };
  const spies = [
    ...[process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(keep)),
    // The console of Vitest does not write to these streams.
    ...(['log', 'warn', 'error'] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation((...values) => keep(`${format(...values)}\n`)),
    ),
  ];
  return {
    text: () => text,
    restore: () => {
      for (const spy of spies) spy.mockRestore();
    },
  };
}
